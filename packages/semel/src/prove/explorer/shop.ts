import type { SealedMessage } from '../../core/message.ts';
import { prepare } from '../../core/publication.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { Pause, Reject } from '../../core/throwables.ts';
import { type Topic, topic } from '../../core/topic.ts';
import type { Transport } from '../../core/transport.ts';
import { createSemel, type Semel } from '../../semel.ts';
import type { MemoryTransaction } from '../../testing/models/memory-transaction.ts';
import type { SimulatedStore } from '../adversary/simulated-store.ts';
import type { Effect, PlannedMessage } from '../history.ts';
import type { Scenario } from './scenario.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The consumer under proof. */
export const CONSUMER = 'charge';
/** How long a lease is; the explorer's time is virtual, so it only has to be in proportion. */
export const LEASE_MS = 1_000;
const TIMEOUT_MS = 300;
const PAUSE_MS = 50;
const RELAY = { leaseMs: LEASE_MS, timeoutMs: TIMEOUT_MS };
/** Tries of a message, beside one for each fault: more than any schedule needs of a sound one. */
const ATTEMPTS = 6;

const anything: StandardSchema<PlannedMessage, PlannedMessage> = {
  '~standard': { version: 1, vendor: 'semel', validate: (value) => ({ value: value as PlannedMessage }) },
};
// Ids are given at publish: an id function is tried at each start, which takes longer than a run.
const orders: Topic<PlannedMessage, PlannedMessage> = topic('orders', { schema: anything, key: ({ key }) => key });
const receipts: Topic<PlannedMessage, PlannedMessage> = topic('receipts', { schema: anything, key: ({ key }) => key });

/** What a handler throws, with the message that it was called for. */
class HandlerError extends Error {
  override readonly name = 'HandlerError';
  readonly culprit: string;

  constructor(culprit: string) {
    super(`the handler of ${culprit} failed`);
    this.culprit = culprit;
  }
}

/** What happens to a handler that stands at `working`, besides going on. */
export type HandlerFault = 'throw' | 'pause';

/** What the shop's handlers report to, and are told by. */
export interface ShopFloor {
  /** Names one run of a handler. */
  nextRun(): string;
  /** What is to happen to the handler that goes on from `working` now. */
  takeHandlerFault(process: WorkerProcess): HandlerFault | undefined;
  threw(process: WorkerProcess, id: string, run: string): void;
  /** Where handlers that run outside any transaction leave their effects. */
  readonly outside: Effect[];
}

/** The parts that one process of the shop has. */
export interface ShopParts {
  readonly scenario: Scenario;
  readonly process: WorkerProcess;
  readonly store: SimulatedStore;
  readonly broker?: Transport;
  readonly sink?: Transport;
  readonly floor: ShopFloor;
}

/** A service of one process: its handler writes an effect, stands between two statements, and publishes. */
export function shopOf({ scenario, process, store, broker, sink, floor }: ShopParts): Semel<MemoryTransaction> {
  const routes: Record<string, Transport> = {};
  if (broker !== undefined) routes['orders'] = broker;
  if (sink !== undefined) routes['receipts'] = sink;
  const shop = createSemel({ name: 'shop', store, runtime: process.runtime, routes, relay: RELAY, observe: (event) => process.observe(event) });
  if (scenario.source === 'outbox') return shop;
  const { guarantee, group, faults } = scenario;
  const attempts = ATTEMPTS + faults;
  const options = { name: CONSUMER, guarantee, leaseMs: LEASE_MS, timeoutMs: TIMEOUT_MS, retry: { attempts, baseMs: 20, capMs: 40 }, publishes: [receipts] };
  if (guarantee === 'exactly-once') {
    shop.consume(orders, { ...options, group }, async (context) => {
      const { message, tx, publish } = context as unknown as {
        message: { data: PlannedMessage };
        tx: MemoryTransaction;
        publish: (to: unknown, data: unknown) => Promise<unknown>;
      };
      const run = floor.nextRun();
      append(tx, 'effects', effectOf(message.data, run));
      await work(process, floor, message.data, run);
      await publish(receipts, message.data);
    });
  } else {
    shop.consume(orders, options, async (context) => {
      const { message } = context as unknown as { message: { data: PlannedMessage } };
      const run = floor.nextRun();
      await work(process, floor, message.data, run);
      floor.outside.push(effectOf(message.data, run));
    });
  }
  return shop;
}

/** Publishes one message, and beside it writes that it was placed; stands between the two. */
export function place(shop: Semel<MemoryTransaction>, source: Scenario['source'], message: PlannedMessage, between: () => Promise<void> | void): Promise<void> {
  return shop.transaction(async ({ tx, publish }) => {
    append(tx, 'placed', message.id);
    await between();
    await publish(source === 'outbox' ? receipts : orders, message, { id: message.id });
  });
}

/** A message as its producer's relay sends it. */
export function sealedOrder(message: PlannedMessage, nowMs: number): SealedMessage {
  return prepare(orders, message, { id: message.id }, { name: 'shop', nowMs, maxBytes: 1_000_000 }) as SealedMessage;
}

function effectOf({ id, key }: PlannedMessage, run: string): Effect {
  return { id, key, run };
}

function append(tx: MemoryTransaction, list: string, element: unknown): void {
  tx.set(list, [...((tx.get(list) as readonly unknown[] | undefined) ?? []), element]);
}

async function work(process: WorkerProcess, floor: ShopFloor, message: PlannedMessage, run: string): Promise<void> {
  await process.hold('working', [message.id]);
  const fault = floor.takeHandlerFault(process);
  if (fault === undefined && message.nature !== 'poison') return;
  floor.threw(process, message.id, run);
  if (fault === 'pause') throw new Pause({ afterMs: PAUSE_MS });
  throw fault === undefined ? Object.assign(new Reject({ reason: `${message.id} is poison` }), { culprit: message.id }) : new HandlerError(message.id);
}
