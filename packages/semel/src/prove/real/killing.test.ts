import { expect, test } from 'vitest';
import { CONSUMER_BOUNDARIES } from '../../core/lifecycle.ts';
import { FEWEST_KILLS, killing } from './killing.ts';

function stepsOf(kills: number, fault: string): readonly string[] {
  return killing({ kills, seed: 1 }).flatMap((scenario) => (scenario.fault === fault ? [scenario.step] : []));
}

test.each([FEWEST_KILLS, 15, 30, 100])('%i kills are so many, and each boundary has one', (kills) => {
  const steps = stepsOf(kills, 'kill');
  expect(steps).toHaveLength(kills);
  expect(new Set(steps)).toEqual(new Set([...CONSUMER_BOUNDARIES, ...(kills > FEWEST_KILLS ? ['any moment'] : [])]));
});

test('a third of many comes at any moment, and the others are even', () => {
  const steps = stepsOf(100, 'kill');
  expect(steps.filter((step) => step === 'any moment')).toHaveLength(33);
  for (const boundary of CONSUMER_BOUNDARIES) expect([6, 7]).toContain(steps.filter((step) => step === boundary).length);
});

test('a process is stopped once at each boundary', () => {
  expect(stepsOf(10, 'freeze')).toEqual(CONSUMER_BOUNDARIES);
});
