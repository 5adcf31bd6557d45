import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SemelError } from './errors.ts';
import { errorCodeOf, failureOf } from './failure.ts';

describe('failureOf', () => {
  it('keeps when, which try, code, message and stack', () => {
    const error = new SemelError('handler-timeout', 'too slow');
    expect(failureOf(error, 3, 1_000)).toEqual({ atMs: 1_000, attempt: 3, code: 'handler-timeout', message: 'too slow', stack: error.stack });
  });

  it('tells up to five causes, and stands a cycle of them', () => {
    const root = new Error('socket closed');
    const error = new Error('cannot charge', { cause: new Error('gateway', { cause: root }) });
    expect(failureOf(error, 1, 0).message).toBe('cannot charge; caused by gateway; caused by socket closed');
    root.cause = error;
    expect(failureOf(error, 1, 0).message.split('; caused by ')).toHaveLength(6);
    expect(failureOf(new Error('x', { cause: 'text' }), 1, 0).message).toBe('x; caused by text');
  });

  it.each<[unknown, string, string]>([
    ['text', 'string', 'text'],
    [undefined, 'undefined', 'undefined was thrown'],
    [null, 'object', 'null'],
    [7, 'number', '7'],
    [Symbol('s'), 'symbol', 'Symbol(s)'],
    [{ secret: 'hunter2' }, 'object', 'an object that is no error was thrown'],
    [{ code: 'E1', message: 'driver' }, 'E1', 'driver'],
    [{ code: 23505, name: 'PgError' }, 'PgError', 'PgError'],
    [Object.create(null), 'object', 'an object that is no error was thrown'],
    [new TypeError(''), 'TypeError', 'TypeError'],
    [
      {
        get code() {
          throw new Error('getter');
        },
      },
      'object',
      'an object that is no error was thrown',
    ],
  ])('takes whatever was thrown (%#)', (thrown, code, message) => {
    expect(failureOf(thrown, 1, 0)).toMatchObject({ code, message });
    expect(errorCodeOf(thrown)).toBe(code);
  });

  it('bounds message, stack and code, and never cuts a character in two', () => {
    const error = Object.assign(new Error(`x${'\u{1f602}'.repeat(2_000)}`), { stack: 's'.repeat(9_000), code: 'c'.repeat(300) });
    const failure = failureOf(error, 1, 0);
    expect([failure.message.length, failure.stack?.length, failure.code.length]).toEqual([2_000, 8_000, 200]);
    expect(failure.message.isWellFormed()).toBe(true);
  });

  it('never throws, and has no stack where there is none', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const failure = failureOf(thrown, 1, 0);
        expect(failure.code).not.toBe('');
        expect(Object.values(failure)).not.toContain(undefined);
      }),
    );
  });
});
