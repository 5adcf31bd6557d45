import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../../argument-values.ts';
import { TRANSPORTS, type TransportName } from '../../own-broker.ts';

/** What a trial is to do. */
export interface Settings {
  readonly rounds: number;
  readonly kills: number;
  readonly seed: number;
  /** The broker between receiver and workers; left out, it is their database alone. */
  readonly transport: TransportName | undefined;
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
  --transport <broker>
                ${TRANSPORTS.join(', ')}: deliveries go from the receiver's outbox through a real broker to the workers
                (default: none; the database that all of them share is the queue)
  --json        print the result as JSON
  --help        print this

It runs on SQLite, or on Postgres: SEMEL_STORE=postgres://user@host:5432/database npm run example:github-webhooks
makes a database of its own on that server, and drops it afterwards.

A broker's server is fetched from a package registry the first time, is started for this run alone, and removed afterwards. For SQS that is
ElasticMQ, an emulator.

Exit code 0: the statistics equal the recount, and each request was answered as it must be. 1: not so. 2: wrong arguments, or no such server.`;

/** Reads the command line; throws an error whose message says what to correct. */
export function parseArguments(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      transport: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    rounds: wholeNumber('rounds', values.rounds, 1, 100) ?? 3,
    kills: wholeNumber('kills', values.kills, 0, 100) ?? 12,
    seed: wholeNumber('seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
    transport: oneOf('transport', values.transport, TRANSPORTS),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}
