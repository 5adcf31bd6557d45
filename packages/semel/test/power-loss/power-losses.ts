import { statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import type { Audit } from '../crash/audit.ts';
import { Crew } from '../crash/crew.ts';
import { filesOf } from '../crash/services.ts';
import type { Loss } from './disk-image.ts';
import type { Ground } from './ground.ts';

/** More than a publisher places before it is killed. */
const ORDERS = 100_000;
/** For how long everybody works before a failure, at most, once orders are placed. */
const WORK_MS = 500;
const POLL_MS = 5;

/** What happened, and what was found afterwards. */
export interface PowerReport {
  readonly losses: readonly Loss[];
  /** Files that were written by ways that the disk does not see. */
  readonly unseen: readonly string[];
  readonly audit: Audit;
}

/**
 * Processes publish orders, handle them, relay what comes of it and consume that too; again and again the power fails. What is left is then done, and an
 * independent process compares the ledgers: what a publisher was told is there, every message has one effect and one record, keys are in order.
 */
export async function losePowerOften(ground: Ground, failures: number, seed: number): Promise<PowerReport> {
  using crew = new Crew(ground.store, { seed });
  await crew.makeTables();
  await ground.begin();
  crew.variables = { ...ground.variables, CRASH_ATTEMPTS: '100' }; // who dies with a message in hand again and again is not to blame for it
  const random = seededRandom(seed);
  const losses: Loss[] = [];
  for (let failure = 1; failure <= failures; failure++) {
    await workForAWhile(crew, random);
    losses.push(await ground.losePower(random, process.hrtime.bigint()));
  }
  await crew.finish();
  return { losses, unseen: await ground.unseen(), audit: await crew.audit() };
}

/** Until everybody is dead. */
async function workForAWhile(crew: Crew, random: () => number): Promise<void> {
  const placed = () => statSync(filesOf(crew.dir).placed, { throwIfNoEntry: false })?.size ?? 0;
  const working = await Promise.all((['shop', 'billing'] as const).map((role) => crew.started(role)));
  const before = placed();
  const publisher = crew.spawn('publisher', { messages: ORDERS });
  while (placed() === before && publisher.exitCode === null) await setTimeout(POLL_MS);
  await setTimeout(random() * WORK_MS);
  await Promise.all([publisher, ...working].map((one) => crew.kill(one)));
}
