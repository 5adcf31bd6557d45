import { expect, test } from 'vitest';
import { countValue, durationValue, idValue, idValues, paceValue, timeValue, words } from './option-values.ts';

test('reads durations, counts, ids and rates', () => {
  expect(durationValue('15m')).toBe(900_000);
  expect(countValue('20')).toBe(20);
  expect(idValues('7', idValues('3', idValues('7')))).toEqual([7, 3]);
  expect(words('b', words('a'))).toEqual(['a', 'b']);
  expect([paceValue('50/s'), paceValue('10/m')]).toEqual([20, 6_000]);
});

test.each([
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2026-03-01T12:00Z', '2026-03-01T12:00:00.000Z'],
  ['2026-03-01T12:00:00.5+01:00', '2026-03-01T11:00:00.500Z'],
])('%s is the time %s', (text, iso) => {
  expect(timeValue(text).toISOString()).toBe(iso);
});

test.each(['', 'yesterday', '2026-03-01T12:00:00', '2026-13-01', '2026-03-01T25:00:00Z', '1772366400000', '2026-03-01 12:00:00Z'])('%j is no time', (text) => {
  expect(() => timeValue(text)).toThrow(/zone/);
});

test.each([
  [durationValue, ['1.5h', '', '30']],
  [countValue, ['0', '-1', '1.5', 'ten', '', '0x10', '1e3']],
  [idValue, ['0', '01', 'A1', '', '1,2']],
  [paceValue, ['50', '0/s', '50/h', '1.5/s', '/s', '50 /s']],
])('%o refuses anything else, and says what it takes', (read, texts) => {
  for (const text of texts) expect(() => read(text), text).toThrow(/whole number/);
});
