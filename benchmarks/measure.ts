/** Something that handles messages, opened afresh for every round. */
export interface Contender {
  /** Handles messages for about `ms` and gives the rate, per second of the time that counts. */
  run(ms: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens a contender; its files go into `folder`. */
export type OpenContender = (folder: string) => Promise<Contender>;

/** Contenders that run in turn, and what is read off their rates. */
export interface Comparison {
  readonly contenders: Readonly<Record<string, OpenContender>>;
  readonly ratios: readonly Ratio[];
}

/** One figure of a comparison. */
export interface Ratio {
  readonly id: string;
  /** What is divided by what, in a sentence. */
  readonly title: string;
  /** Absent where the figure is given for comparison only. */
  readonly goal?: number;
  readonly better: 'higher' | 'lower';
  /** Reads the figure off the messages per second of one round. */
  value(rates: Readonly<Record<string, number>>): number;
}

/** The messages per second of one round, by contender. */
export type Round = Readonly<Record<string, number>>;

/** The middle value; of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no values, no median');
  return (lower + upper) / 2;
}

/** The value below which a share of the values lies: 0.9 for the 90th percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (found === undefined) throw new RangeError('no values, no percentile');
  return found;
}

/** The median of a ratio over rounds, with its extremes. */
export function summary(ratio: Ratio, rounds: readonly Round[]): { readonly value: number; readonly min: number; readonly max: number } {
  const values = rounds.map((round) => ratio.value(round));
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
 */
export async function runRound(contenders: Comparison['contenders'], folder: string, ms: number, turn: number): Promise<Round> {
  const names = Object.keys(contenders);
  const rates: Record<string, number> = {};
  for (const index of names.keys()) {
    const name = names[(index + turn) % names.length] as string;
    rates[name] = await runOnce(contenders[name] as OpenContender, folder, ms);
  }
  return rates;
}

async function runOnce(open: OpenContender, folder: string, ms: number): Promise<number> {
  const contender = await open(folder);
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

/** Messages per second of handling, over about `ms` of it. */
export async function rateOf<Batch extends readonly unknown[]>(ms: number, { make, handle, warmUp }: Load<Batch>): Promise<number> {
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
  return (messages * 1000) / spentMs;
}
