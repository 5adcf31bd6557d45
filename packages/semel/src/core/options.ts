import { SemelError } from './errors.ts';

const NAME = /^[a-z][a-z0-9._-]{0,99}$/;

/**
 * Refuses options that nobody reads: a misspelt one would silently leave its default in force.
 *
 * @param where what the options belong to, as the user wrote it: `topic orders`
 * @throws SemelError `bad-option`, with the nearest known name
 */
export function checkOptions(where: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new SemelError('bad-option', `${where}: the options must be an object, not ${kindOf(given)}`);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = nearestOf(name, known);
    const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean \`${nearest}\`?`;
    throw new SemelError('bad-option', `${where} has no option \`${name}\`; ${hint}`, { details: { option: name, known } });
  }
}

/** The value, if it is an integer from 1 to 2^53 - 1; throws `bad-option` otherwise. */
export function positiveInteger(where: string, name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw badOption(where, name, value, 'a positive integer');
}

/** The value, if it is a finite number of milliseconds, 0 or more; throws `bad-option` otherwise. */
export function nonNegativeMs(where: string, name: string, value: unknown): number {
  if (Number.isFinite(value) && (value as number) >= 0) return value as number;
  throw badOption(where, name, value, 'a number of milliseconds, 0 or more');
}

/** The value, if it is one of those allowed; throws `bad-option` otherwise. */
export function oneOf<const Allowed extends string>(where: string, name: string, value: unknown, allowed: readonly Allowed[]): Allowed {
  if (allowed.includes(value as Allowed)) return value as Allowed;
  throw badOption(where, name, value, `one of ${allowed.map((word) => `'${word}'`).join(', ')}`);
}

/** The value, if it is a name: lower-case letters, digits, `.`, `_` and `-`, a letter first, at most 100 characters; throws `bad-option` otherwise. */
export function nameOf(where: string, name: string, value: unknown): string {
  if (typeof value === 'string' && NAME.test(value)) return value;
  throw badOption(where, name, value, 'a name: a lower-case letter, then up to 99 of a-z, 0-9, `.`, `_` and `-`');
}

/** The time in milliseconds since 1970, if the value is a Date that holds one; throws `bad-option` otherwise. */
export function timeOf(where: string, name: string, value: unknown): number {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
  throw badOption(where, name, value, 'a valid Date');
}

/** The value, if it is a function; throws `bad-option` otherwise. */
export function functionOf<Given>(where: string, name: string, value: Given): Given {
  if (typeof value === 'function') return value;
  throw badOption(where, name, value, 'a function');
}

/** The refusal of an option's value. It tells the value's kind and never the value, which may be a secret. */
export function badOption(where: string, name: string, value: unknown, allowed: string): SemelError {
  return new SemelError('bad-option', `${where}: \`${name}\` must be ${allowed}, not ${kindOf(value)}`, { details: { option: name } });
}

/** What sort of value it is, in words that do not disclose it: `a string`, `null`, `a negative number`. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'number') return kindOfNumber(value);
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string that does not fit';
  if (Array.isArray(value)) return 'an array';
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

function kindOfNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  return value < 0 ? 'a negative number' : Number.isInteger(value) ? 'a number that does not fit' : 'a fraction';
}

/** The known name that takes the fewest edits, if a slip of the fingers explains them. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((word) => ({ word, edits: editsBetween(name.toLowerCase(), word.toLowerCase()) })).sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, best.word.length >> 2) ? best.word : undefined;
}

/** Levenshtein distance, one row at a time. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
