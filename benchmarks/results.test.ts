import { expect, test } from 'vitest';
import type { Comparison } from './measure.ts';
import { resultsOf } from './results.ts';

const comparison: Comparison = {
  contenders: {},
  ratios: [
    { id: 'with-goal', title: 'a over b', goal: 0.8, better: 'higher', value: ({ a = 0, b = 1 }) => a / b },
    { id: 'without', title: 'b over a', better: 'higher', value: ({ a = 1, b = 0 }) => b / a },
  ],
};

test('figures with a goal stand apart from those for comparison; rates are medians', () => {
  const rounds = [
    { a: 1, b: 3 },
    { a: 2, b: 4 },
    { a: 3, b: 3 },
  ];
  expect(resultsOf('sqlite', 3, [{ comparison, rounds }], [])).toMatchObject({
    suite: 'sqlite',
    runs: 3,
    ratios: [{ id: 'with-goal', value: 0.5, goal: 0.8, better: 'higher', min: 0.3333, max: 1 }],
    others: [{ id: 'without', value: 2, min: 1, max: 3 }],
    rates: { a: 2, b: 3 },
  });
});
