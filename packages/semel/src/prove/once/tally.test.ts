import { describe, expect, it } from 'vitest';
import { changeOf, describeTally, differenceOf, isSame, tallyOf } from './tally.ts';

describe('tallyOf', () => {
  it('counts a list in any order, whatever its elements are', () => {
    const rows = [Object.assign(Object.create(null), { id: 'A1', n: 2n }), { n: 2n, id: 'A1' }, new Date(0)];
    expect(isSame(tallyOf(rows), tallyOf(rows.toReversed()))).toBe(true);
    expect(describeTally(tallyOf(rows))).toBe("2 × { id: 'A1', n: 2n }, 1 × 1970-01-01T00:00:00.000Z");
  });

  it('takes numbers', () => {
    expect(isSame(tallyOf(2), tallyOf(2n))).toBe(true);
    expect(describeTally(changeOf(tallyOf(3), tallyOf(3)))).toBe('none');
  });

  it.each([['2'], [undefined], [Number.NaN], [{ n: 2 }]])('refuses %o', (effects) => {
    expect(() => tallyOf(effects as never)).toThrowError(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('differenceOf', () => {
  it.each([
    [2, 2, undefined],
    [2, 3, { sort: 'repeated', text: '3 instead of 2' }],
    [2, 1, { sort: 'lost', text: '1 instead of 2' }],
    [-50, -100, { sort: 'repeated', text: '-100 instead of -50' }],
    [-50, 0, { sort: 'lost', text: '0 instead of -50' }],
    [['A', 'B'], ['A', 'B', 'B'], { sort: 'repeated', text: "2 × 'B' instead of 1" }],
    [['A', 'B'], ['A'], { sort: 'lost', text: "0 × 'B' instead of 1" }],
    [['A', 'B'], ['A', 'A'], { sort: 'changed', text: "2 × 'A' instead of 1; 0 × 'B' instead of 1" }],
  ])('of %o and %o', (expected, found, difference) => {
    const change = (effects: number | string[]) => changeOf(tallyOf(Array.isArray(effects) ? [] : 0), tallyOf(effects));
    expect(differenceOf(change(expected), change(found))).toEqual(difference);
  });
});
