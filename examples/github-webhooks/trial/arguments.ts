import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What a trial is to do. */
export interface Settings {
  readonly rounds: number;
  readonly kills: number;
  readonly seed: number;
  readonly json: boolean;
  readonly help: boolean;
}

const MAX_SEED = 2 ** 32 - 1;

/** What `--help` prints. */
export const HELP = `Usage: npm run example:github-webhooks -- [options]

Sends GitHub's recorded deliveries to a receiver, several times over, shuffled, some of them altered, while receiver and workers are
killed; then compares the statistics that came of it with a plain recount.

  --rounds <n>  how often every delivery is sent, 1 to 100 (default 3)
  --kills <n>   processes to kill, 0 to 100 (default 12)
  --seed <n>    decides order, alterations and kills, 0 to ${MAX_SEED} (default: another each time)
  --json        print the result as JSON
  --help        print this

It runs on SQLite, or on Postgres: SEMEL_STORE=postgres://user@host:5432/database npm run example:github-webhooks
makes a database of its own on that server, and drops it afterwards.

Exit code 0: the statistics equal the recount, and each request was answered as it must be. 1: not so. 2: wrong arguments, or no such server.`;

/** Reads the command line; throws an error whose message says what to correct. */
export function parseArguments(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: { rounds: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds, 1, 100) ?? 3,
    kills: wholeNumber('kills', values.kills, 0, 100) ?? 12,
    seed: wholeNumber('seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new RangeError(`--${name} must be a whole number from ${min} to ${max}; it is ${JSON.stringify(text)}`);
}
