import { expect, test } from 'vitest';
import { countValue, durationValue, idValue, idValues, paceValue } from './option-values.ts';

test('reads durations, counts, ids and rates', () => {
  expect(durationValue('15m')).toBe(900_000);
  expect(countValue('20')).toBe(20);
  expect(idValues('7', idValues('3', idValues('7')))).toEqual([7, 3]);
  expect([paceValue('50/s'), paceValue('10/m')]).toEqual([20, 6_000]);
});

test.each([
  [durationValue, ['1.5h', '', '30']],
  [countValue, ['0', '-1', '1.5', 'ten', '', '0x10', '1e3']],
  [idValue, ['0', '01', 'A1', '', '1,2']],
  [paceValue, ['50', '0/s', '50/h', '1.5/s', '/s', '50 /s']],
])('%o refuses anything else, and says what it takes', (read, texts) => {
  for (const text of texts) expect(() => read(text), text).toThrow(/whole number/);
});
