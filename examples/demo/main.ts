/**
 * `npm run demo`: worker processes are killed while they handle payments. Three columns do the same work with the same handler
 * (`ledger.ts`); two of them are the loops that people write by hand (`naive-workers.ts`), the third is Semel (`semel-worker.ts`).
 * With `SEMEL_STORE=postgres://…` the payments are charged in Postgres, with `--transport kafka` they come from a Kafka, which is killed too.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingServer, OwnBroker } from '../own-broker.ts';
import { OwnDatabases, UnusableServer } from '../own-databases.ts';
import { HELP, parseArguments, type Settings } from './arguments.ts';
import { type Column, MODES } from './mode.ts';
import { payments } from './payments.ts';
import { drawPlan } from './plan.ts';
import { Progress } from './progress.ts';
import { runMode } from './run-mode.ts';
import { table } from './table.ts';
import type { Conduct } from './until-quiet.ts';
import { count, objections, type Run } from './verdict.ts';

const EXPLANATION = `
Three times the same handler, the same broker, which delivers some messages twice, and the same plan of kills. Only Semel commits
each charge together with the record that it was made, and acknowledges after that: so every payment was charged exactly once.
Next: examples/demo/semel-worker.ts shows how little that takes, and the README how to do it in your own code.
`;

/** Runs the three columns, each in a folder, a database and a queue of its own. */
async function runAll({ messages, kills, seed, transport }: Settings, folder: string, signal: AbortSignal): Promise<readonly Run[]> {
  await using databases = new OwnDatabases(folder);
  await using server = transport === undefined ? undefined : await OwnBroker.start(transport, true);
  const conduct = { plan: drawPlan(payments(messages), kills, seed), killServer: server && (() => server.killAndRestart()), signal };
  const runs: Run[] = [];
  for (const mode of MODES) {
    const own = join(folder, mode);
    runs.push(await runColumn({ mode, folder: own, ledger: await databases.make(mode), broker: server?.address ?? join(own, 'broker.db') }, conduct));
  }
  return runs;
}

/** Runs a column, and has it counted. */
async function runColumn(column: Column, conduct: Omit<Conduct, 'report'>): Promise<Run> {
  const { mode, folder, ledger } = column;
  const { plan, signal } = conduct;
  const messages = plan.payments.length;
  const progress = new Progress(mode, messages);
  try {
    const { deliveries, kills } = await runMode(column, { ...conduct, report: (snapshot) => progress.show(snapshot) });
    const published = join(folder, 'published.json');
    writeFileSync(published, JSON.stringify(plan.payments));
    const { lost, duplicated } = await count(ledger, published, signal);
    const server = conduct.killServer === undefined ? {} : { serverKills: 1 };
    return { mode, messages, deliveries, kills, ...server, lost, duplicated, exact: lost === 0 && duplicated === 0 };
  } finally {
    progress.end();
  }
}

/** Prints the result, and gives the exit code. */
function conclude(runs: readonly Run[], { json, seed }: Settings, seconds: number): number {
  const wrong = objections(runs);
  if (json) console.log(JSON.stringify({ runs, seconds, seed }));
  else console.log(`${table(runs)}\n${wrong.length === 0 ? EXPLANATION : ''}\n${seconds} s`);
  for (const objection of wrong) console.error(objection);
  return wrong.length === 0 ? 0 : 1;
}

function announcement({ messages, kills, seed, transport }: Settings): string {
  const server = transport === undefined ? '' : `, and the ${transport} server once`;
  return `${messages} payments, ${kills} processes to be killed in each column${server}, seed ${seed}\n`;
}

/** The demo's folder is gone afterwards, and so are its databases and its server, whatever happens. */
async function demo(settings: Settings, signal: AbortSignal): Promise<number> {
  const startedAtMs = performance.now();
  if (!settings.json) console.log(announcement(settings));
  const folder = mkdtempSync(join(tmpdir(), 'semel-demo-'));
  try {
    const runs = await runAll(settings, folder, signal);
    return conclude(runs, settings, Number(((performance.now() - startedAtMs) / 1000).toFixed(1)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments in, exit code out; Ctrl-C takes the workers and the folder along. */
async function main(argv: readonly string[]): Promise<number> {
  let settings: Settings;
  try {
    settings = parseArguments(argv);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (settings.help) {
    console.log(HELP);
    return 0;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(signal));
  return demo(settings, interrupted.signal).catch((error) => {
    if (interrupted.signal.aborted) return interrupted.signal.reason === 'SIGINT' ? 130 : 143;
    if (!(error instanceof UnusableServer || error instanceof MissingServer)) throw error;
    console.error(error.message);
    return 2;
  });
}

process.exitCode = await main(process.argv.slice(2));
