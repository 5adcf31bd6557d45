import { expect, test } from 'vitest';
import { type Contender, median, percentile, type Ratio, rateOf, reaches, runRound, summary } from './measure.ts';

const half: Ratio = { id: 'half', title: 'a over b', goal: 0.5, better: 'higher', value: ({ a = 0, b = 1 }) => a / b };

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
    { a: 10, b: 20 },
    { a: 100, b: 100 },
    { a: 1, b: 10 },
  ];
  expect(summary(half, rounds)).toEqual({ value: 0.5, min: 0.1, max: 1 });
});

test('a goal is reached from above or from below', () => {
  expect(reaches(half, 0.5)).toBe(true);
  expect(reaches(half, 0.49)).toBe(false);
  expect(reaches({ goal: 20, better: 'lower' }, 20)).toBe(true);
  expect(reaches({ goal: 20, better: 'lower' }, 21)).toBe(false);
  expect(reaches({ better: 'higher' }, 0)).toBe(true);
});

test('contenders take turns to be first, and are closed even where they fail', async () => {
  const calls: string[] = [];
  const open = (name: string, rate: number) => async (): Promise<Contender> => ({
    run: async () => {
      calls.push(`run ${name}`);
      if (rate === 0) throw new Error('broken');
      return rate;
    },
    close: async () => void calls.push(`close ${name}`),
  });
  expect(await runRound({ a: open('a', 1), b: open('b', 2) }, '', 1, 1)).toEqual({ a: 1, b: 2 });
  expect(calls).toEqual(['run b', 'close b', 'run a', 'close a']);
  await expect(runRound({ c: open('c', 0) }, '', 1, 0)).rejects.toThrow('broken');
  expect(calls.at(-1)).toBe('close c');
});

test('neither making messages nor the warm-up counts', async () => {
  let made = 0;
  const spend = (ms: number) => {
    for (const endMs = performance.now() + ms; performance.now() < endMs; );
  };
  const rate = await rateOf(20, {
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
