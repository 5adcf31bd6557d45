import { expect, test } from 'vitest';
import { settingsOf } from './settings.ts';

test('a size is a number of faults and of seeds, and can be changed', () => {
  expect(settingsOf([])).toMatchObject({ faults: 1, seeds: 300, fromSeed: 1, mutants: undefined });
  expect(settingsOf(['--size', 'release', '--seeds', '5'])).toMatchObject({ faults: 2, seeds: 5 });
  expect(settingsOf(['--families', 'local,lease', '--mutants', 'no-claim'])).toMatchObject({ families: ['local', 'lease'], mutants: ['no-claim'] });
  expect(settingsOf(['--mutants', 'all']).mutants).toEqual([]);
});

test.each([
  [['--size', 'huge'], '--size huge'],
  [['--seeds', 'x'], '--seeds x is no number'],
  [['--families', 'carrier-pigeons'], '--families carrier-pigeons'],
])('refuses %j', (args, message) => {
  expect(() => settingsOf(args)).toThrow(message);
});
