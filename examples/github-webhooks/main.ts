/**
 * `npm run example:github-webhooks`: GitHub's recorded deliveries against the receiver and two workers, all of which are killed
 * meanwhile; on SQLite, or with `SEMEL_STORE=postgres://…` on Postgres, and with `--transport kafka` through a Kafka. The example itself is in this folder; what sends, kills and compares is in `trial/`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingServer, OwnBroker } from '../own-broker.ts';
import { OwnDatabases, UnusableServer } from '../own-databases.ts';
import { HELP, parseArguments, type Settings } from './trial/arguments.ts';
import { report } from './trial/report.ts';
import { runTrial } from './trial/trial.ts';

/** Runs a trial on a database that is gone afterwards, prints what came of it, and gives the exit code. */
async function run(settings: Settings, signal: AbortSignal): Promise<number> {
  const { seed, transport, json } = settings;
  console.error(`seed ${seed}`);
  const startedAtMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'semel-github-webhooks-'));
  try {
    await using databases = new OwnDatabases(folder);
    await using broker = transport && (await OwnBroker.start(transport, false));
    const result = await runTrial(settings, { database: await databases.make('webhooks'), broker: broker?.address }, signal);
    const seconds = Number(((performance.now() - startedAtMs) / 1000).toFixed(1));
    console.log(json ? JSON.stringify({ seed, seconds, ...result }) : `${report(result)}\n${seconds} s`);
    return result.passed ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments in, exit code out; Ctrl-C takes processes and files along. */
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
  return run(settings, interrupted.signal).catch((error) => {
    if (interrupted.signal.aborted) return interrupted.signal.reason === 'SIGINT' ? 130 : 143;
    if (!(error instanceof UnusableServer || error instanceof MissingServer)) throw error;
    console.error(error.message);
    return 2;
  });
}

process.exitCode = await main(process.argv.slice(2));
