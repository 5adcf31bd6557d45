import { hash } from 'node:crypto';
import { CONSUMER_BOUNDARIES } from 'semel';
import type { Crash } from './crash-plan.ts';
import type { Payment } from './ledger.ts';
import type { Mode } from './mode.ts';

/** A kill from outside, whatever the process is doing just then. */
export interface Kill {
  /** Once so many payments were delivered. */
  readonly delivered: number;
  /** Which of the busy workers: 0 is the first, just below 1 the last. */
  readonly share: number;
}

/** Everything that chance decides; the same for all columns. */
export interface Plan {
  readonly payments: readonly Payment[];
  /** Delivered twice on purpose. */
  readonly twice: ReadonlySet<Payment>;
  /** Payments with which a process dies at a chosen step. None of them is delivered twice, so acknowledge-first surely loses each. */
  readonly victims: readonly Payment[];
  readonly kills: readonly Kill[];
}

const TWICE_SHARE = 0.05;
/** One kill in so many comes at a random moment, the others at a chosen step. */
const RANDOM_KILL = 3;
/** Not more of the payments than this: it leaves enough that are delivered once. */
const VICTIM_SHARE = 0.5;
/** The last random kill comes while there is still work to die at. */
const LAST_KILL_SHARE = 0.8;

/** Draws a plan: the same from the same seed. */
export function drawPlan(payments: readonly Payment[], kills: number, seed: number): Plan {
  const random = numbersFrom(seed);
  const twice = new Set(sample(payments, Math.ceil(payments.length * TWICE_SHARE), random));
  const victims = sample(
    payments.filter((payment) => !twice.has(payment)),
    Math.min(kills - Math.floor(kills / RANDOM_KILL), Math.floor(payments.length * VICTIM_SHARE)),
    random,
  );
  const moments = Array.from({ length: kills - victims.length }, () => Math.floor(random() * LAST_KILL_SHARE * payments.length)).sort((a, b) => a - b);
  return { payments, twice, victims, kills: moments.map((delivered) => ({ delivered, share: random() })) };
}

/** Where the processes of a column die: a naive loop between its two steps, Semel at each of its boundaries in turn. */
export function crashesOf(mode: Mode, { victims }: Plan): readonly Crash[] {
  return victims.map(({ id }, index) => ({ payment: id, step: mode === 'semel' ? (CONSUMER_BOUNDARIES[index % CONSUMER_BOUNDARIES.length] as string) : 'between' }));
}

/** `count` different items, one from each of as many equal slices. */
function sample<Item>(items: readonly Item[], count: number, random: () => number): readonly Item[] {
  const edge = (slice: number) => Math.floor((slice * items.length) / count);
  return Array.from({ length: count }, (_, slice) => items[edge(slice) + Math.floor(random() * (edge(slice + 1) - edge(slice)))] as Item);
}

/** Numbers in [0, 1) that the seed decides. */
function numbersFrom(seed: number): () => number {
  let drawn = 0;
  return () => hash('sha256', `${seed}/${drawn++}`, 'buffer').readUInt32BE() / 2 ** 32;
}
