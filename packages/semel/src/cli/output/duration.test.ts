import { expect, test } from 'vitest';
import { durationArgument, parseDuration } from './duration.ts';

test.each([
  ['30d', 2_592_000_000],
  ['12h', 43_200_000],
  ['15m', 900_000],
  ['10s', 10_000],
  ['500ms', 500],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['30d', '36h', '15m', '10s', '1500ms', '0d'])('%s is told as it was given', (text) => {
  expect(durationArgument(parseDuration(text) ?? Number.NaN)).toBe(text);
});

test.each(['', '30', 'd', '1.5h', '-1d', '1 d', '1D', '1w', '1d2h', ' 1d', '1e3s', '9999999999999d'])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
