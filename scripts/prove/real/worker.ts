/**
 * A process under proof: `worker.ts <plan>`. A service that places orders, relays them and books each once, as its parent tells it; it stands still at the
 * step that it is told, until it is told to go on.
 */
import { setTimeout } from 'node:timers/promises';
import { createSemel, isSemelError, type LifecycleEvent, type Running, type Semel, type StandardSchema, topic } from 'semel';
import type { Broker } from '../../../packages/semel/test/broker-crash/broker.ts';
import type { Ledger, Order } from '../../../packages/semel/test/crash/ledger.ts';
import { ledgerOf } from '../../../packages/semel/test/crash/ledgers/ledger-of.ts';
import { CUSTOMERS, type Plan, type Request } from './plan.ts';
import { CONSUMER, stepOf } from './steps.ts';

const plan = JSON.parse(process.argv[2] as string) as Plan;
const { leaseMs, route } = plan;
const transport = route && ((await import(route.module)) as Broker).transport;
const ledger = ledgerOf(plan.store, plan.dir);
const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'semel-prove', validate: (value) => ({ value: value as Order }) } };
const orders = topic(plan.topic, { schema: anOrder, id: (o) => `${o.orderId}/placed`, key: (o) => o.customerId });
const realNow = Date.now;

/** Where it is to stand, and what lets it go on. */
let held: { readonly step: string; readonly reached: () => void } | undefined;
let goOn = () => {};
let life: { readonly semel: Semel<unknown>; readonly running: Running } | undefined;

const REQUESTS: Readonly<Record<Request['name'], (argument: never) => Promise<void> | void>> = {
  start: () =>
    untilTheStoreLets(async () => {
      const semel = service(ledger);
      life = { semel, running: await semel.start() };
    }),
  stop: () => life?.running.stop(),
  place: (upTo: number) => place(upTo),
  hold: (step: string) => new Promise<void>((reached) => (held = { step, reached })),
  goOn: () => {
    held = undefined;
    goOn();
  },
  jump: (ms: number) => {
    Date.now = () => realNow() + ms;
  },
  idle: () => life?.running.idle(),
};

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ id, name, argument }: Request) => {
  await REQUESTS[name](argument as never);
  process.send?.(id);
});

function service(of: Ledger<unknown>): Semel<unknown> {
  const routes = transport === undefined || route === undefined ? {} : { [plan.topic]: transport(route.address) };
  const semel = createSemel({ name: 'shop', store: of.store('shop'), routes, relay: { leaseMs }, observe: stand });
  semel.consume(orders, { name: CONSUMER, leaseMs, retry: { attempts: 1_000, baseMs: 20, capMs: 100 }, group: { max: 7 } }, ({ message, tx }) =>
    of.write(tx, 'booked', message.data),
  );
  return semel;
}

function stand(event: LifecycleEvent): Promise<void> | undefined {
  if (held === undefined || stepOf(event) !== held.step) return undefined;
  const { reached } = held;
  held = undefined;
  return new Promise((resolve) => {
    goOn = resolve;
    reached();
  });
}

/** Goes on where an earlier process was killed: what is in `placed` was committed. */
function place(upTo: number): Promise<void> {
  return untilTheStoreLets(async () => {
    if (life === undefined) return;
    const { semel } = life;
    const done = new Set(await semel.transaction(({ tx }) => ledger.ids(tx, 'placed')));
    for (let number = 0; number < upTo; number++) {
      const order: Order = { orderId: `order-${number}`, customerId: `customer-${number % CUSTOMERS}`, number };
      if (done.has(order.orderId)) continue;
      await semel.transaction(async ({ tx, publish }) => {
        await ledger.write(tx, 'placed', order);
        await publish(orders, order);
      });
    }
  });
}

/** Again and again, as whoever starts a service does, and whoever calls it: where another has locked the store, or the line is cut. */
async function untilTheStoreLets(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isSemelError(error) || !error.retryable) throw error;
      await setTimeout(20);
    }
  }
}
