import { expect, test } from 'vitest';
import { settingsOf } from './settings.ts';

test('a size says how much of everything there is, and can be changed', () => {
  expect(settingsOf([])).toMatchObject({ faults: 1, seeds: 300, fromSeed: 1, stores: ['sqlite'], transports: ['local'], kills: 1, mutants: undefined });
  expect(settingsOf(['--size', 'release', '--seeds', '5'])).toMatchObject({ faults: 2, seeds: 5, stores: ['sqlite', 'postgres'], kills: 10, mutants: [] });
  expect(settingsOf(['--families', 'local,lease', '--kills', '0'])).toMatchObject({ families: ['local', 'lease'], kills: 0 });
});

test('real processes alone, or mutants alone', () => {
  expect(settingsOf(['--size', 'release', '--real', '--stores', 'postgres', '--transports', 'peer,kafka'])).toMatchObject({
    families: [],
    stores: ['postgres'],
    transports: ['peer', 'kafka'],
    kills: 10,
    mutants: undefined,
  });
  expect(settingsOf(['--mutants', 'no-claim'])).toMatchObject({ families: [], kills: 0, mutants: ['no-claim'] });
  expect(settingsOf(['--mutants', 'all']).mutants).toEqual([]);
});

test.each([
  [['--size', 'huge'], '--size huge'],
  [['--seeds', 'x'], '--seeds x is no number'],
  [['--families', 'carrier-pigeons'], '--families carrier-pigeons'],
  [['--stores', 'stone'], '--stores stone: there are sqlite, postgres'],
])('refuses %j', (args, message) => {
  expect(() => settingsOf(args)).toThrow(message);
});
