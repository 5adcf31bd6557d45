/**
 * `npm run test:crash -- [--store postgres] [--kills 200] [--messages 400] [--seed N] [--keep] [--verbose]`: the crash suite at any size. Exit
 * code 1 where the ledgers differ. The store is `sqlite`, `postgres` (as `npm run services` provides it), or the address of a server of one's own.
 */
import { parseArgs } from 'node:util';
import { borrow } from '../../../../scripts/services/borrow.ts';
import { database } from '../services/postgres.ts';
import { type CrashOptions, type CrashReport, runCrashScenario, schedule } from './scenario.ts';

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    kills: { type: 'string', default: '20' },
    messages: { type: 'string', default: '400' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
process.stdout.write(`crash suite on ${values.store}: seed ${seed}\n`);
const report = await onStore(values.store, {
  messages: Number(values.messages),
  randomKills: Number(values.kills),
  seed,
  keep: values.keep,
  ...(values.verbose ? { log: (line: string) => void process.stdout.write(`  ${line}\n`) } : {}),
});
const missed = schedule()
  .map(({ role, killAt }) => `${role}:${killAt}`)
  .filter((kill) => !report.boundaryKills.includes(kill));
const faults = [...report.faults, ...missed.map((kill) => `boundary ${kill} was never reached`)];
process.stdout.write(`${report.placed} messages, ${report.boundaryKills.length} kills at boundaries, ${report.randomKills} at random, ${report.seconds.toFixed(1)} s\n`);
process.stdout.write(`outside exactly-once: ${report.mailedTwice} mails repeated (at least once), ${report.pingsLost} pings lost (at most once)\n`);
for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
process.stdout.write(`${faults.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed'}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function onStore(store: string, options: Omit<CrashOptions, 'store'>): Promise<CrashReport> {
  if (store === 'sqlite') return runCrashScenario({ store, ...options });
  if (store !== 'postgres') return onServer(store, options);
  await using services = await borrow([store]);
  const provision = services.provisions.get(store);
  if (provision === undefined || 'missing' in provision) throw new Error(`there is no Postgres: ${provision?.missing}`);
  return await onServer(provision.url, options);
}

/** In a database of this run, dropped afterwards unless it is to be kept. */
async function onServer(server: string, options: Omit<CrashOptions, 'store'>): Promise<CrashReport> {
  const { url, drop } = await database(server);
  try {
    return await runCrashScenario({ store: url, ...options });
  } finally {
    if (options.keep) process.stdout.write(`kept: ${url}\n`);
    else await drop();
  }
}
