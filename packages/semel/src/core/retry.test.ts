import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SemelError } from './errors.ts';
import { type RetryOptions, retryPolicy } from './retry.ts';
import { Reject, RetryLater } from './throwables.ts';

const most = () => 1 - Number.EPSILON;
const error = new Error('failed');

describe('retryPolicy', () => {
  it('has its defaults, and is frozen', () => {
    const policy = retryPolicy();
    expect(policy).toMatchObject({ attempts: 8, baseMs: 100, capMs: 60_000, factor: 2 });
    expect(Object.isFrozen(policy)).toBe(true);
  });

  it.each<[string, object]>([
    ['attempts', { attempts: 0 }],
    ['baseMs', { baseMs: -1 }],
    ['capMs', { capMs: Number.NaN }],
    ['factor', { factor: 0.5 }],
    ['factor', { factor: Number.POSITIVE_INFINITY }],
    ['classify', { classify: 'retry' }],
    ['retries', { retries: 3 }],
  ])('refuses a bad %s', (name, options) => {
    expect(() => retryPolicy(options as RetryOptions)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(name) }));
  });

  it('waits for a random part of a bound that doubles up to the cap', () => {
    const { decide } = retryPolicy({ attempts: 20, baseMs: 100, capMs: 1_000 });
    const waits = (random: () => number) => [1, 2, 3, 4, 5, 19].map((attempt) => decide(error, attempt, random));
    expect(waits(most).map((decision) => decision.kind === 'retry' && decision.afterMs)).toEqual([99, 199, 399, 799, 999, 999]);
    expect(waits(() => 0)).toEqual(waits(() => 0).map(() => ({ kind: 'retry', afterMs: 0 })));
  });

  it('stays within the cap, whatever the options', () => {
    const bounds = fc.record({ baseMs: fc.nat(1e9), capMs: fc.nat(1e9), factor: fc.double({ min: 1, max: 1e9, noNaN: true }) });
    fc.assert(
      fc.property(bounds, fc.integer({ min: 1, max: 999 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (options, attempt, chance) => {
        const decision = retryPolicy({ ...options, attempts: 1_000 }).decide(error, attempt, () => chance);
        expect(decision.kind).toBe('retry');
        if (decision.kind === 'retry') expect(decision.afterMs >= 0 && decision.afterMs <= options.capMs).toBe(true);
      }),
    );
  });

  it('gives up after the last attempt, with the code or name of the error', () => {
    const { decide } = retryPolicy({ attempts: 3 });
    expect(decide(error, 2, most).kind).toBe('retry');
    expect(decide(error, 3, most)).toEqual({ kind: 'dead', reason: 'Error' });
    expect(decide(Object.assign(new Error(), { code: 'ECONNRESET' }), 4, most)).toEqual({ kind: 'dead', reason: 'ECONNRESET' });
  });

  it('ends at once what no retry can mend', () => {
    const { decide } = retryPolicy();
    expect(decide(new SemelError('schema-invalid', 'x'), 1, most)).toEqual({ kind: 'dead', reason: 'schema-invalid' });
    expect(decide(new Reject({ reason: 'x' }), 1, most)).toEqual({ kind: 'dead', reason: 'Reject' });
    expect(decide(new SemelError('handler-timeout', 'x'), 1, most).kind).toBe('retry');
  });

  it('lets RetryLater name its own delay, within the attempts', () => {
    const { decide } = retryPolicy({ attempts: 2, capMs: 10 });
    const later = new RetryLater({ afterMs: 5_000 });
    expect(decide(later, 1, most)).toEqual({ kind: 'retry', afterMs: 5_000 });
    expect(decide(later, 2, most)).toEqual({ kind: 'dead', reason: 'RetryLater' });
  });
});

describe('classify', () => {
  const decided = (wish: unknown, thrown: unknown = error, attempt = 1) => retryPolicy({ classify: () => wish as never }).decide(thrown, attempt, () => 0);

  it('overrules the policy', () => {
    expect(decided('dead-letter')).toEqual({ kind: 'dead', reason: 'Error' });
    expect(decided('retry', new SemelError('schema-invalid', 'x'))).toEqual({ kind: 'retry', afterMs: 0 });
    expect(decided({ retryAfterMs: 70_000 })).toEqual({ kind: 'retry', afterMs: 70_000 });
  });

  it('is bounded by the attempts, and not asked where the handler has spoken', () => {
    expect(decided('retry', error, 8).kind).toBe('dead');
    expect(decided('retry', new Reject({ reason: 'x' })).kind).toBe('dead');
    expect(decided('dead-letter', new RetryLater({ afterMs: 5 }))).toEqual({ kind: 'retry', afterMs: 5 });
  });

  it.each([undefined, null, 'later', { retryAfterMs: Number.NaN }, { retryAfterMs: -1 }, {}])('leaves it to the policy with %o', (wish) => {
    expect(decided(wish)).toEqual({ kind: 'retry', afterMs: 0 });
    expect(decided(wish, new SemelError('not-json', 'x')).kind).toBe('dead');
  });

  it('leaves it to the policy with a throw', () => {
    const classify = () => {
      throw new Error('bug');
    };
    expect(retryPolicy({ classify }).decide(error, 1, () => 0).kind).toBe('retry');
  });
});
