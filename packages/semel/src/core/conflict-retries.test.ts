import { expect, test } from 'vitest';
import { manualRuntime } from '../testing/manual-runtime.ts';
import { ConflictRetries } from './conflict-retries.ts';
import { SemelError } from './errors.ts';

test('trap 23: a conflict is allowed five times, each after a longer pause; anything else never', async () => {
  const pauses: number[] = [];
  const runtime = manualRuntime();
  const scheduler = { ...runtime.scheduler, sleep: async (ms: number) => void pauses.push(ms) };
  const retries = new ConflictRetries({ ...runtime, random: () => 0.5, scheduler });
  expect(await retries.allow(new SemelError('store-busy', 'busy'))).toBe(false);
  const conflict = new SemelError('store-conflict', 'conflict');
  for (let n = 0; n < 5; n++) expect(await retries.allow(conflict)).toBe(true);
  expect(await retries.allow(conflict)).toBe(false);
  expect(pauses).toEqual([2.5, 7.5, 12.5, 17.5, 22.5]);
});
