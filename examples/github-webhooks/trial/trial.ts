import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { statisticsAt } from '../databases/statistics-at.ts';
import { createService, STATISTICS } from '../service.ts';
import type { Statistic } from '../statistics.ts';
import type { Settings } from './arguments.ts';
import { Chance } from './chance.ts';
import { drive, type Tally } from './driver.ts';
import { freePort } from './free-port.ts';
import { type Recorded, recordedDeliveries } from './recorded.ts';
import { recount } from './recount.ts';
import { type Kind, requests } from './requests.ts';
import { Supervised } from './supervised.ts';

/** What the consumer has made of the deliveries. */
interface Settled {
  readonly statistics: readonly Statistic[];
  readonly deadLetters: number;
}

/** What came of a trial. */
export interface Result extends Settled {
  readonly recorded: number;
  readonly distinct: number;
  readonly tallies: Readonly<Record<Kind, Tally>>;
  readonly kills: Readonly<Record<string, number>>;
  /** The statistics equal the recount. */
  readonly equal: boolean;
  /** And each request was answered as it must be, and no message died. */
  readonly passed: boolean;
}

/** The parts that are killed. */
type Processes = Readonly<Record<'receiver' | 'worker 1' | 'worker 2', Supervised>>;

const POLL_MS = 20;

/** Runs a trial on the empty database at an address. Rejects where the signal aborts, or where a process ends by itself. */
export async function runTrial({ rounds, kills, seed }: Settings, address: string, interrupted: AbortSignal): Promise<Result> {
  const chance = new Chance(seed);
  const secret = randomBytes(32).toString('hex');
  const recorded = recordedDeliveries();
  const waves = requests(recorded, { rounds, secret, chance });
  const port = await freePort();

  const failed = new AbortController();
  const signal = AbortSignal.any([interrupted, failed.signal]);
  const processes = start(address, port, secret, (error) => failed.abort(error));
  try {
    const onAnswer = killer(Object.values(processes), kills, waves.flat().length, chance);
    const tallies = await drive(waves, { url: `http://127.0.0.1:${port}`, signal, onAnswer });
    return judge(recorded, tallies, processes, await settled(address, signal));
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    await Promise.all(Object.values(processes).map((process) => process.stop()));
  }
}

function start(address: string, port: number, secret: string, onFailure: (error: Error) => void): Processes {
  const worker = () => new Supervised({ script: new URL('../worker.ts', import.meta.url), args: [address], onFailure });
  return {
    receiver: new Supervised({ script: new URL('../receiver-process.ts', import.meta.url), args: [address, String(port)], env: { GITHUB_WEBHOOK_SECRETS: secret }, onFailure }),
    'worker 1': worker(),
    'worker 2': worker(),
  };
}

/**
 * Counts answers, and kills a process after so many of them: at one moment in each of equal slices of the work, so that the kills hit a
 * fast machine as well as a slow one, and each process as often as the others.
 */
function killer(processes: readonly Supervised[], kills: number, requests: number, chance: Chance): () => void {
  const slice = requests / kills;
  const victims = chance.shuffled(Array.from({ length: kills }, (_, index) => processes[index % processes.length]));
  const schedule = new Map(victims.map((victim, index) => [Math.floor(index * slice) + chance.below(slice), victim]));
  let answers = 0;
  return () => schedule.get(answers++)?.kill();
}

/** The statistics, once nothing is left to handle. */
async function settled(address: string, signal: AbortSignal): Promise<Settled> {
  const database = await statisticsAt(address);
  const semel = createService(database);
  try {
    for (;;) {
      const consumer = (await semel.status()).find(({ name }) => name === STATISTICS);
      if (consumer && Object.values(consumer.backlog).every((count) => count === 0)) {
        return { statistics: await semel.transaction(({ tx }) => database.read(tx)), deadLetters: consumer.deadLetters };
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    await semel.close();
    await database.close();
  }
}

function judge(recorded: readonly Recorded[], tallies: Result['tallies'], processes: Processes, { statistics, deadLetters }: Settled): Result {
  const equal = isDeepStrictEqual(statistics, recount(recorded));
  const wrong = Object.values(tallies).some((tally) => Object.keys(tally.wrong).length > 0);
  return {
    recorded: recorded.length,
    distinct: new Set(recorded.map(({ delivery }) => delivery)).size,
    tallies,
    kills: Object.fromEntries(Object.entries(processes).map(([name, process]) => [name, process.kills])),
    statistics,
    deadLetters,
    equal,
    passed: equal && !wrong && deadLetters === 0,
  };
}
