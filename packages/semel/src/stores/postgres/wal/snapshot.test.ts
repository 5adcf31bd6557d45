import { expect, test } from 'vitest';
import { isVisible } from './snapshot.ts';

test.each([
  [99, true, 'older than all'],
  [100, false, 'still running'],
  [102, true, 'over, between two that run'],
  [103, false, 'still running'],
  [105, false, 'not begun when it was taken'],
  [106, false, 'not begun when it was taken'],
])('transaction %i of 100:105:100,103 is seen: %s, %s', (xid, seen) => {
  expect(isVisible('100:105:100,103', xid)).toBe(seen);
});

test('numbers go round: the log has their lower half', () => {
  const round = 2 ** 32;
  expect(isVisible(`${round + 5}:${round + 5}:`, 0xffff_fff0)).toBe(true);
  expect(isVisible(`${round - 16}:${round - 16}:`, 5)).toBe(false);
  expect(isVisible(`${round + 5}:${round + 9}:${round + 5}`, 5)).toBe(false);
});
