import { expect, test } from 'vitest';
import { formatDuration } from './duration.ts';

test.each([
  [-5, '0s'],
  [0, '0s'],
  [999, '999ms'],
  [1_999, '1s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h'],
  [3_659_000, '1h'],
  [93_600_000, '1d 2h'],
  [400 * 86_400_000, '400d'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
