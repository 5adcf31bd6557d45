import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { brokerAt } from '../brokers/broker-at.ts';
import { statisticsAt } from '../databases/statistics-at.ts';
import { createService } from '../service.ts';
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

/** Addresses of what a trial uses; nothing is in it yet. */
export interface Site {
  readonly database: string;
  readonly broker: string | undefined;
}

/** Runs a trial. Rejects where the signal aborts, or where a process ends by itself. */
export async function runTrial({ rounds, kills, seed }: Settings, site: Site, interrupted: AbortSignal): Promise<Result> {
  const chance = new Chance(seed);
  const secret = randomBytes(32).toString('hex');
  const recorded = recordedDeliveries();
  const waves = requests(recorded, { rounds, secret, chance });
  const port = await freePort();
  await (await brokerAt(site.broker))?.prepare();

  const failed = new AbortController();
  const signal = AbortSignal.any([interrupted, failed.signal]);
  const processes = start(site, port, secret, (error) => failed.abort(error));
  try {
    const onAnswer = killer(Object.values(processes), kills, waves.flat().length, chance);
    const tallies = await drive(waves, { url: `http://127.0.0.1:${port}`, signal, onAnswer });
    await stop(processes);
    return judge(recorded, tallies, processes, await finish(site, signal));
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    await stop(processes);
  }
}

function start({ database, broker }: Site, port: number, secret: string, onFailure: (error: Error) => void): Processes {
  const process = (script: URL, args: readonly string[], env = {}) => new Supervised({ script, args: broker === undefined ? args : [...args, broker], env, onFailure });
  const worker = () => process(new URL('../worker.ts', import.meta.url), [database]);
  return {
    receiver: process(new URL('../receiver-process.ts', import.meta.url), [database, String(port)], { GITHUB_WEBHOOK_SECRETS: secret }),
    'worker 1': worker(),
    'worker 2': worker(),
  };
}

async function stop(processes: Processes): Promise<void> {
  await Promise.all(Object.values(processes).map((process) => process.stop()));
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

/** Does what the processes left undone, as one worker more that is not killed; what the statistics are then. */
async function finish({ database, broker }: Site, signal: AbortSignal): Promise<Settled> {
  const statistics = await statisticsAt(database);
  const semel = createService(statistics, (await brokerAt(broker))?.transport);
  await semel.transaction(({ tx }) => statistics.createTable(tx));
  const running = await semel.start();
  try {
    signal.throwIfAborted();
    await Promise.race([running.idle(), once(signal, 'abort').then(() => signal.throwIfAborted())]);
    const subscriptions = await semel.status(); // the consumer, and the route to a broker
    const deadLetters = subscriptions.reduce((sum, subscription) => sum + subscription.deadLetters, 0);
    return { statistics: await semel.transaction(({ tx }) => statistics.read(tx)), deadLetters };
  } finally {
    await running.stop();
    await statistics.close();
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
