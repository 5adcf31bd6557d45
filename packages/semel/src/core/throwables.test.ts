import { describe, expect, it } from 'vitest';
import { isPause, isReject, isRetryLater, Pause, Reject, RetryLater } from './throwables.ts';

describe('Pause, RetryLater, Reject', () => {
  it('are errors with a reason', () => {
    const cause = new Error('503');
    expect(new Pause({ afterMs: 30_000, reason: 'down', cause })).toMatchObject({ name: 'Pause', message: 'down', reason: 'down', afterMs: 30_000, cause });
    expect(new RetryLater({ afterMs: 0, reason: 'not booked' })).toMatchObject({ name: 'RetryLater', message: 'not booked', reason: 'not booked', afterMs: 0 });
    expect(new Reject({ reason: 'never placed', cause })).toMatchObject({ name: 'Reject', message: 'never placed', reason: 'never placed', cause });
    expect('cause' in new Reject({ reason: 'x' })).toBe(false);
  });

  it.each([new Pause({ afterMs: 1 }), new RetryLater({ afterMs: 1 })])('have a reason of their own where none is given: %s', (thrown) => {
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown.reason.length).toBeGreaterThan(5);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, undefined, '30'])('take 1,000 ms for a delay of %s', (afterMs) => {
    expect(new Pause({ afterMs: afterMs as number }).afterMs).toBe(1_000);
    expect(new RetryLater({ afterMs: afterMs as number }).afterMs).toBe(1_000);
  });

  it('are told apart', () => {
    const all = [new Pause({ afterMs: 1 }), new RetryLater({ afterMs: 1 }), new Reject({ reason: 'x' }), new Error('Pause'), null, 'Reject'];
    expect(all.map(isPause)).toEqual([true, false, false, false, false, false]);
    expect(all.map(isRetryLater)).toEqual([false, true, false, false, false, false]);
    expect(all.map(isReject)).toEqual([false, false, true, false, false, false]);
  });

  it('are known across copies of the package', () => {
    expect(isPause(Object.assign(new Error(), { name: 'Pause', afterMs: 5 }))).toBe(true);
    expect(isRetryLater(Object.assign(new Error(), { name: 'RetryLater', afterMs: 5 }))).toBe(true);
    expect(isReject(Object.assign(new Error(), { name: 'Reject', reason: 'x' }))).toBe(true);
  });
});
