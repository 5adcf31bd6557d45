import { inspect } from 'node:util';
import { SemelError } from '../../core/errors.ts';
import { kindOf } from '../../core/options.ts';

/** What an effect function may give: how many effects there are, a sum that they make up, or the effects themselves, in any order. */
export type Effects = number | bigint | readonly unknown[];

/** How often each effect is there; of a number it is one entry without a name. */
export type Tally = ReadonlyMap<string, number>;

const NUMBER = '';

/**
 * Counts what an effect function gave.
 * @throws SemelError `bad-option`
 */
export function tallyOf(effects: Effects): Tally {
  if (Array.isArray(effects)) return counted(effects.map(textOf));
  if (typeof effects === 'bigint' || Number.isFinite(effects)) return new Map([[NUMBER, Number(effects)]]);
  throw new SemelError('bad-option', `proveOnce: \`effect\` must give a number or a list of what was made; it gave ${kindOf(effects)}`);
}

/** Counts texts. */
export function counted(texts: readonly string[]): Tally {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** What has changed: entries that are more, or, below zero, fewer. */
export function changeOf(before: Tally, after: Tally): Tally {
  const names = new Set([...before.keys(), ...after.keys()]);
  const changes = [...names].map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)] as const);
  return new Map(changes.filter(([, count]) => count !== 0));
}

/** Whether two changes are the same one. */
export function isSame(a: Tally, b: Tally): boolean {
  return changeOf(a, b).size === 0;
}

/** How something differs from what it should be. */
export interface Difference {
  /** `changed`: some of it is there too often, and some too seldom. */
  readonly sort: 'repeated' | 'lost' | 'changed';
  readonly text: string;
}

/** Where `found` is not `expected`; undefined where it is. */
export function differenceOf(expected: Tally, found: Tally): Difference | undefined {
  const more = [...changeOf(expected, found)];
  if (more.length === 0) return undefined;
  const further = more.map(([name, count]) => isFurther(expected.get(name) ?? 0, count));
  const sort = further.every(Boolean) ? 'repeated' : further.some(Boolean) ? 'changed' : 'lost';
  const texts = more.map(([name]) => `${found.get(name) ?? 0}${name === NUMBER ? '' : ` × ${name}`} instead of ${expected.get(name) ?? 0}`);
  return { sort, text: texts.join('; ') };
}

/** A change, for people. */
export function describeTally(tally: Tally): string {
  if (tally.size === 0) return 'none';
  return [...tally].map(([name, count]) => (name === NUMBER ? `${count}` : `${count} × ${name}`)).join(', ');
}

/** Whether more of the effect happened than expected; an effect that counts downwards goes further below zero. */
function isFurther(expected: number, more: number): boolean {
  return expected < 0 ? more < 0 : more > 0;
}

function textOf(value: unknown): string {
  const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null ? { ...value } : value;
  return inspect(plain, { sorted: true, depth: null, breakLength: Number.POSITIVE_INFINITY, compact: true, maxArrayLength: null, maxStringLength: 200 });
}
