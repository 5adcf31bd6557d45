import { InvalidArgumentError } from 'commander';
import { parseDuration } from './output/duration.ts';

/** `30d` → milliseconds. */
export function durationValue(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('A duration is a whole number and a unit: 30d, 12h, 15m, 10s, 500ms.');
  return ms;
}

/** `2026-03-01T12:00:00Z`, or a day, which begins at midnight UTC. Without its zone a time would be another one on another machine. */
export function timeValue(text: string): Date {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : undefined;
  if (time === undefined || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('A time has its zone, 2026-03-01T12:00:00Z or 2026-03-01T13:00:00+01:00; or it is a day, 2026-03-01, from midnight UTC on.');
  return time;
}

/** Words that are given one by one. */
export function words(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

/** A whole number, 1 or more. */
export function countValue(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It is a whole number, 1 or more.');
  return count;
}

/** The id of a dead letter; for a variadic argument. Naming one twice is naming it once. */
export function idValues(text: string, previous: readonly number[] = []): readonly number[] {
  const id = idValue(text);
  return previous.includes(id) ? previous : [...previous, id];
}

/** The id of a dead letter. */
export function idValue(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('The id of a dead letter is a whole number; `semel dead list` shows it.');
  return Number(text);
}

/** `50/s` → milliseconds between two. */
export function paceValue(text: string): number {
  const [, count = '', unit] = /^([1-9]\d{0,5})\/(s|m)$/.exec(text) ?? [];
  if (unit === undefined) throw new InvalidArgumentError('A rate is a whole number per second or minute: 50/s, 10/m.');
  return (unit === 's' ? 1_000 : 60_000) / Number(count);
}
