const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** `2d 3h`, `4m 10s`, `900ms`: the two largest units, rounded down. A negative duration is `0s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return '0s';
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[first] ?? ['ms', 1];
  const rest = UNITS[first + 1];
  const text = `${Math.floor(ms / size)}${unit}`;
  if (rest === undefined || rest[0] === 'ms') return text;
  const more = Math.floor((ms % size) / rest[1]);
  return more === 0 ? text : `${text} ${more}${rest[0]}`;
}

/** As an option takes it: `36h`. */
export function durationArgument(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** The milliseconds of `30d`, `12h`, `15m`, `10s` or `500ms`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count = '', unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  return size === undefined ? undefined : Number(count) * size;
}
