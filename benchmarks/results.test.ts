import { expect, test } from 'vitest';
import type { Comparison } from './measure.ts';
import { plain, rateOver } from './ratios.ts';
import { resultsOf } from './results.ts';

const comparison: Comparison = {
  contenders: {},
  ratios: [rateOver('with-goal', 'a', 'b', 'a over b', 0.8), rateOver('without', 'b', 'a', 'b over a'), plain('missing', 'c', 'p50Ms', 'c')],
};

test('figures with a goal stand apart from those for comparison and those that could not be had; rates and measures are medians', () => {
  const rounds = [
    { a: { rate: 1, peakMb: 50 }, b: { rate: 3 } },
    { a: { rate: 2, peakMb: 70 }, b: { rate: 4 } },
    { a: { rate: 3, peakMb: 60 }, b: { rate: 3 } },
  ];
  expect(resultsOf('sqlite', 3, [{ comparison, rounds, failures: new Map([['c', 'there is no c']]) }], [])).toMatchObject({
    suite: 'sqlite',
    runs: 3,
    ratios: [{ id: 'with-goal', value: 0.5, goal: 0.8, better: 'higher', min: 0.3333, max: 1 }],
    others: [{ id: 'without', value: 2, min: 1, max: 3 }],
    skipped: [{ id: 'missing', reason: 'there is no c' }],
    rates: { a: 2, b: 3 },
    measures: { a: { peakMb: 60 } },
  });
});
