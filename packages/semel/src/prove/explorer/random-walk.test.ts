import { expect, test } from 'vitest';
import { violationsOf } from '../checks.ts';
import { walk } from './random-walk.ts';
import { SMALL_SCENARIOS, smallScenario } from './scenario-fixture.ts';

const messages = ['m1', 'm2', 'm3', 'm4'].map((id, index) => ({ id, key: `k${index % 2}`, nature: 'sound' as const }));

test('the same seed gives the same run, another seed another', async () => {
  const play = async (seed: number) => (await walk(smallScenario('lease', { messages, faults: 4, loops: 'free', seed }))).history.entries;
  expect(await play(7)).toEqual(await play(7));
  expect(await play(7)).not.toEqual(await play(8));
});

test.each(SMALL_SCENARIOS)('$name: three workers, four messages and up to five faults keep every promise', async (small) => {
  for (let seed = 1; seed <= 60; seed++) {
    const run = await walk({ ...small, workers: 3, messages, faults: 5, loops: 'free', seed });
    expect({ seed, broken: run.broken, violations: violationsOf(run.history) }).toEqual({ seed, broken: undefined, violations: [] });
  }
});
