/** The units of a duration, the largest first, with their milliseconds. */
export const DURATION_UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** `2d 3h`, `4m 10s`, `900ms`: the two largest units, rounded down. A negative duration is `0s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return '0s';
  const first = DURATION_UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = DURATION_UNITS[first] ?? ['ms', 1];
  const rest = DURATION_UNITS[first + 1];
  const text = `${Math.floor(ms / size)}${unit}`;
  if (rest === undefined || rest[0] === 'ms') return text;
  const more = Math.floor((ms % size) / rest[1]);
  return more === 0 ? text : `${text} ${more}${rest[0]}`;
}
