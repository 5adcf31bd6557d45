/**
 * `npm run example:running-total`: payments go through a real Kafka, and three workers keep each account's running total, while they are killed and frozen. `--state topic`
 * keeps the totals in a compacted topic, by Kafka's own transactions; `--state database` in SQLite.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../argument-values.ts';
import { OwnBroker } from '../own-broker.ts';
import { type Plan, type Result, runTrial } from './trial.ts';

const MAX_SEED = 2 ** 32 - 1;

/** Throws an error whose message says what to correct. */
function planOf(argv: readonly string[]): Plan {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...argv], options: { state: text, payments: text, blows: text, seed: text } });
  return {
    state: oneOf('state', values.state, ['topic', 'database']) ?? 'topic',
    payments: wholeNumber('payments', values.payments, 1, 1_000_000) ?? 1_000,
    blows: wholeNumber('blows', values.blows, 0, 1_000) ?? 12,
    seed: wholeNumber('seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
  };
}

function report({ killed, frozen, expected, found, equal }: Result): string {
  const verdict = equal ? 'equal to the recount' : `NOT equal to the recount, which has ${expected.length}`;
  return `${killed} workers killed, ${frozen} frozen for longer than their session; ${found.length} totals, ${verdict}`;
}

const plan = planOf(process.argv.slice(2));
console.error(`seed ${plan.seed}`);
const folder = mkdtempSync(join(tmpdir(), 'semel-running-total-'));
try {
  await using broker = await OwnBroker.start('kafka', false);
  const result = await runTrial(broker.url, folder, plan);
  console.log(report(result));
  if (!result.equal) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
