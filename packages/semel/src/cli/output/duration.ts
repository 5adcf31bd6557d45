import { DURATION_UNITS } from '../../core/duration.ts';

/** As an option takes it: `36h`. */
export function durationArgument(ms: number): string {
  const [unit, size] = DURATION_UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** The milliseconds of `30d`, `12h`, `15m`, `10s` or `500ms`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count = '', unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  const size = DURATION_UNITS.find(([name]) => name === unit)?.[1];
  return size === undefined ? undefined : Number(count) * size;
}
