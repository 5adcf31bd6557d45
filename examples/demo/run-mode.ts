import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Broker } from './broker.ts';
import { CrashPlan } from './crash-plan.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import type { Mode } from './mode.ts';
import { encodePayment } from './payments.ts';
import { crashesOf, type Plan } from './plan.ts';
import { Supervisor } from './supervisor.ts';

const WORKERS = 3;
const TICK_MS = 10;

/** What came of a column, as far as broker and supervisor saw it. What came of the payments only the ledger knows. */
export interface ModeRun {
  readonly deliveries: number;
  readonly kills: number;
}

/** How far a column has got. */
export interface Snapshot {
  readonly settled: number;
  readonly kills: number;
}

/** What a column works with. */
export interface Column {
  readonly mode: Mode;
  /** Does not exist yet. */
  readonly folder: string;
  /** The address of an empty database. */
  readonly ledger: string;
}

/** Publishes the payments, has worker processes handle and die over them, and returns when the broker has nothing left to deliver. */
export async function runMode({ mode, folder, ledger }: Column, plan: Plan, signal: AbortSignal, report: (snapshot: Snapshot) => void): Promise<ModeRun> {
  mkdirSync(folder);
  await createLedger(ledger);
  CrashPlan.write(folder, crashesOf(mode, plan));
  const broker = new Broker(join(folder, 'broker.db'));
  broker.publish(plan.payments.map((payment) => ({ body: encodePayment(payment), times: plan.twice.has(payment) ? 2 : 1 })));
  const supervisor = new Supervisor(mode, folder, ledger);
  try {
    supervisor.start(WORKERS);
    await untilSettled(broker, supervisor, plan, signal, report);
    await supervisor.stop();
    return { deliveries: broker.tally().deliveries, kills: supervisor.kills };
  } finally {
    await supervisor.abandon();
    broker.close();
  }
}

async function createLedger(address: string): Promise<void> {
  const ledger = await ledgerOf(address);
  await ledger.create();
  await ledger.close();
}

/** Watches the broker, and kills at the planned moments: a worker that has messages in hand, as long as there is one. */
async function untilSettled(broker: Broker, supervisor: Supervisor, { payments, kills }: Plan, signal: AbortSignal, report: (snapshot: Snapshot) => void): Promise<void> {
  const pending = [...kills];
  for (;;) {
    signal.throwIfAborted();
    supervisor.check();
    const { settled } = broker.tally();
    report({ settled, kills: supervisor.kills });
    const [next] = pending;
    const done = settled === payments.length;
    if (done && next === undefined) return;
    if (next !== undefined && settled >= next.settled && supervisor.kill(next.share, done ? undefined : broker.holders())) pending.shift();
    await sleep(TICK_MS);
  }
}
