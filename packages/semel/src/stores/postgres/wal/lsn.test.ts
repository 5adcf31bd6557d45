import { expect, test } from 'vitest';
import { formatLsn, parseLsn } from './lsn.ts';

test.each(['0/0', '16/B374D848', '0/16B3748', 'FFFFFFFF/FFFFFFFF'])('%s is read and written as Postgres does', (text) => {
  expect(formatLsn(parseLsn(text))).toBe(text);
});

test('places are in the order of the log, over the end of the lower half', () => {
  expect(parseLsn('1/0') - parseLsn('0/FFFFFFFF')).toBe(1n);
});
