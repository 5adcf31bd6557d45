import { expect, test } from 'vitest';
import { runCrashScenario, schedule } from './scenario.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`killed at every boundary and at random: one effect, one record, every message published, keys in order (seed ${seed})`, { timeout: 240_000 }, async () => {
  const report = await runCrashScenario({ messages: 150, randomKills: 6, seed });
  expect(report.faults).toEqual([]);
  expect(report.boundaryKills).toEqual(schedule().map(({ role, killAt }) => `${role}:${killAt}`));
  expect(report.placed).toBeGreaterThan(100);
});
