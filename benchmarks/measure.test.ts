import { expect, test } from 'vitest';
import { type Contender, measureOf, median, rateOf, reaches, runRound, summary } from './measure.ts';
import { percentile } from './percentile.ts';
import { rateOver } from './ratios.ts';
import { Servers } from './servers/servers.ts';
import { Site } from './site.ts';

const half = rateOver('half', 'a', 'b', 'a over b', 0.5);

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 10 }, (_, index) => 10 - index);
  expect([percentile(values, 0), percentile(values, 0.5), percentile(values, 0.9), percentile(values, 1)]).toEqual([1, 6, 10, 10]);
});

test('a ratio is taken within each round, not between medians of different rounds', () => {
  const rounds = [
    { a: { rate: 10 }, b: { rate: 20 } },
    { a: { rate: 100 }, b: { rate: 100 } },
    { a: { rate: 1 }, b: { rate: 10 } },
  ];
  expect(summary(half, rounds)).toEqual({ value: 0.5, min: 0.1, max: 1 });
});

test('a round in which a contender could not run says nothing of its ratios', () => {
  expect(summary(half, [{ a: { rate: 1 } }, { a: { rate: 1 }, b: { rate: 4 } }])).toEqual({ value: 0.25, min: 0.25, max: 0.25 });
  expect(summary(half, [{ a: { rate: 1 } }])).toBeUndefined();
});

test('what a contender did not measure cannot be read off it', () => {
  expect(measureOf({ a: { p50Ms: 3 } }, 'a', 'p50Ms')).toBe(3);
  expect(() => measureOf({ a: { p50Ms: 3 } }, 'a', 'rate')).toThrow('a has no rate');
});

test('a goal is reached from above or from below', () => {
  expect(reaches(half, 0.5)).toBe(true);
  expect(reaches(half, 0.49)).toBe(false);
  expect(reaches({ goal: 20, better: 'lower' }, 20)).toBe(true);
  expect(reaches({ goal: 20, better: 'lower' }, 21)).toBe(false);
  expect(reaches({ better: 'higher' }, 0)).toBe(true);
});

test('contenders take turns to be first; one that fails is closed, named, and keeps nobody from running', async () => {
  const calls: string[] = [];
  const open = (name: string, rate: number) => async (): Promise<Contender> => ({
    run: async () => {
      calls.push(`run ${name}`);
      if (rate === 0) throw new Error('broken');
      return { rate };
    },
    close: async () => void calls.push(`close ${name}`),
  });
  const site = new Site('', new Servers(), 0);
  const failures: string[] = [];
  const failed = (name: string, error: unknown) => failures.push(`${name}: ${(error as Error).message}`);
  expect(await runRound({ a: open('a', 1), b: open('b', 0), c: open('c', 3) }, site, 1, 1, failed)).toEqual({ a: { rate: 1 }, c: { rate: 3 } });
  expect(calls).toEqual(['run b', 'close b', 'run c', 'close c', 'run a', 'close a']);
  expect(failures).toEqual(['b: broken']);
});

test('neither making messages nor the warm-up counts', async () => {
  let made = 0;
  const spend = (ms: number) => {
    for (const endMs = performance.now() + ms; performance.now() < endMs; );
  };
  const { rate } = await rateOf(20, {
    warmUp: 100,
    make: () => {
      spend(20);
      made += 1;
      return Array.from({ length: 100 }, () => made);
    },
    handle: () => spend(made === 1 ? 50 : 10),
  });
  expect(made).toBeGreaterThanOrEqual(2);
  expect(rate).toBeGreaterThan(0);
  expect(rate).toBeLessThanOrEqual(10_000); // 100 messages in 10 ms at best; were making counted, a third of it at best
});
