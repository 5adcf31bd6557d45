import type { Site } from './site.ts';

/** What a run of a contender measured. */
export type Sample = Readonly<Partial<Record<Measure, number>>>;

/**
 * - `rate`: messages per second of the time that counts;
 * - `p50Ms`, `p99Ms`: from the publishing of a message to its handler, or to its effect;
 * - `peakMb`: the most memory that its process held, in MB;
 * - `firstMb`, `lastMb`: what it held over the first and the last tenth of its messages;
 * - `walBytes`: what a message added to the database's log.
 */
export type Measure = 'rate' | 'p50Ms' | 'p99Ms' | 'peakMb' | 'firstMb' | 'lastMb' | 'walBytes';

/** Something that handles messages, opened afresh for every round. */
export interface Contender {
  /** Handles messages for about `ms`. */
  run(ms: number): Promise<Sample>;
  close(): Promise<void>;
}

/** Opens a contender on the site given. */
export type OpenContender = (site: Site) => Promise<Contender>;

/** Contenders that run in turn, and what is read off their samples. */
export interface Comparison {
  readonly contenders: Readonly<Record<string, OpenContender>>;
  readonly ratios: readonly Ratio[];
  /** Measured in one round: it takes long, and its figures differ little. */
  readonly once?: boolean;
}

/** One figure of a comparison. */
export interface Ratio {
  readonly id: string;
  /** What is divided by what, in a sentence. */
  readonly title: string;
  /** Absent where the figure is given for comparison only. */
  readonly goal?: number | undefined;
  readonly better: 'higher' | 'lower';
  /** The contenders that it is about. */
  readonly of: readonly string[];
  /** Reads the figure off one round, in which all of them ran. */
  value(round: Round): number;
}

/** The samples of one round, by contender; one that could not run is not in it. */
export type Round = Readonly<Record<string, Sample>>;

/** One measure of a contender. Throws a RangeError where it has none. */
export function measureOf(round: Round, name: string, measure: Measure): number {
  const value = round[name]?.[measure];
  if (value === undefined) throw new RangeError(`${name} has no ${measure}`);
  return value;
}

/** The middle value; of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no values, no median');
  return (lower + upper) / 2;
}

/** The median of a ratio over the rounds in which all of its contenders ran, with its extremes; undefined where there was none. */
export function summary(ratio: Ratio, rounds: readonly Round[]): { readonly value: number; readonly min: number; readonly max: number } | undefined {
  const values = rounds.filter((round) => ratio.of.every((name) => name in round)).map((round) => ratio.value(round));
  if (values.length === 0) return undefined;
  return { value: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Whether a figure reaches its goal. */
export function reaches({ goal, better }: Pick<Ratio, 'goal' | 'better'>, value: number): boolean {
  if (goal === undefined) return true;
  return better === 'higher' ? value >= goal : value <= goal;
}

/**
 * One round: each contender for `ms`, one after another, so that what the machine does besides hits them alike.
 * @param turn the number of the round; the order goes round with it, so that none is always first
 * @param failed told of a contender that could not run; the others do
 */
export async function runRound(contenders: Comparison['contenders'], site: Site, ms: number, turn: number, failed: (name: string, error: unknown) => void): Promise<Round> {
  const names = Object.keys(contenders);
  const round: Record<string, Sample> = {};
  for (const index of names.keys()) {
    const name = names[(index + turn) % names.length] as string;
    try {
      round[name] = await runOnce(contenders[name] as OpenContender, site, ms);
    } catch (error) {
      failed(name, error);
    }
  }
  return round;
}

async function runOnce(open: OpenContender, site: Site, ms: number): Promise<Sample> {
  const contender = await open(site);
  try {
    return await contender.run(ms);
  } finally {
    await contender.close();
  }
}

/** Makes batches of messages, untimed, and handles them, timed. */
export interface Load<Batch extends readonly unknown[]> {
  make(): Batch;
  handle(batch: Batch): void | Promise<void>;
  /** Messages before the clock starts: enough for the database's log to reach its full size, for a file that grows is slow to sync. */
  readonly warmUp: number;
}

/** The rate of handling, over about `ms` of it. */
export async function rateOf<Batch extends readonly unknown[]>(ms: number, { make, handle, warmUp }: Load<Batch>): Promise<Sample> {
  for (let messages = 0; messages < warmUp; ) {
    const batch = make();
    await handle(batch);
    messages += batch.length;
  }
  let messages = 0;
  let spentMs = 0;
  while (spentMs < ms) {
    const batch = make();
    const startMs = performance.now();
    await handle(batch);
    spentMs += performance.now() - startMs;
    messages += batch.length;
  }
  return { rate: (messages * 1000) / spentMs };
}
