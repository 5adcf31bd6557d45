import { mkdirSync } from 'node:fs';
import { brokerOf } from './brokers/broker-of.ts';
import { CrashPlan } from './crash-plan.ts';
import { DeliveryLog } from './delivery-log.ts';
import { finish } from './finish.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import type { Column } from './mode.ts';
import { encodePayment } from './payments.ts';
import { crashesOf } from './plan.ts';
import { Supervisor } from './supervisor.ts';
import { type Conduct, untilQuiet } from './until-quiet.ts';

const WORKERS = 3;

/** What came of a column, as far as workers and supervisor saw it. What came of the payments only the ledger knows. */
export interface ModeRun {
  readonly deliveries: number;
  readonly kills: number;
}

/** Publishes the payments, has worker processes handle and die over them, and returns when the broker has nothing left to deliver. */
export async function runMode(column: Column, conduct: Conduct): Promise<ModeRun> {
  const { mode, folder } = column;
  const { plan, signal } = conduct;
  mkdirSync(folder);
  const ledger = await ledgerOf(column.ledger);
  await ledger.create();
  CrashPlan.write(folder, crashesOf(mode, plan));
  const broker = await brokerOf(column.broker, mode);
  const supervisor = new Supervisor(column);
  const log = new DeliveryLog(folder);
  try {
    await broker.publish(plan.payments.map((payment) => ({ body: encodePayment(payment), times: plan.twice.has(payment) ? 2 : 1 })));
    supervisor.start(WORKERS);
    await untilQuiet(conduct, { broker, supervisor, log });
    await supervisor.stop();
    await finish(mode, { broker, ledger, deliveries: log, stop: signal });
    return { deliveries: log.read().total, kills: supervisor.kills };
  } finally {
    await supervisor.abandon();
    await Promise.all([broker.close(), ledger.close()]);
  }
}
