import { describe, expect, it } from 'vitest';
import { checkOptions, functionOf, kindOf, nameOf, nonNegativeMs, oneOf, positiveInteger } from './options.ts';

const refuses = (message: string | RegExp) => expect.objectContaining({ code: 'bad-option', message: typeof message === 'string' ? message : expect.stringMatching(message) });

describe('checkOptions', () => {
  it('takes known names, in part or in whole', () => {
    expect(() => checkOptions('retry', { attempts: 1 }, ['attempts', 'baseMs'])).not.toThrow();
    expect(() => checkOptions('retry', {}, [])).not.toThrow();
  });

  it.each([
    ['atempts', 'retry has no option `atempts`; did you mean `attempts`?'],
    ['basems', 'retry has no option `basems`; did you mean `baseMs`?'],
    ['delay', 'retry has no option `delay`; known are attempts, baseMs'],
    ['', 'retry has no option ``; known are attempts, baseMs'],
  ])('refuses `%s`', (name, message) => {
    expect(() => checkOptions('retry', { [name]: 1 }, ['attempts', 'baseMs'])).toThrow(refuses(message));
  });

  it.each([
    [null, 'null'],
    [[], 'an array'],
    ['x', 'a string that does not fit'],
  ])('refuses %o for options', (given, kind) => {
    expect(() => checkOptions('retry', given as never, ['attempts'])).toThrow(refuses(`retry: the options must be an object, not ${kind}`));
  });
});

describe('values', () => {
  it('are returned when they fit', () => {
    expect(positiveInteger('retry', 'attempts', 1)).toBe(1);
    expect(nonNegativeMs('retry', 'baseMs', 0)).toBe(0);
    expect(nonNegativeMs('retry', 'baseMs', 0.5)).toBe(0.5);
    expect(oneOf('c', 'guarantee', 'a', ['a', 'b'])).toBe('a');
    expect(nameOf('topic', 'name', 'orders.v2_x-y')).toBe('orders.v2_x-y');
    expect(functionOf('retry', 'classify', String)).toBe(String);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['zero', () => positiveInteger('retry', 'attempts', 0), /^retry: `attempts` must be a positive integer, not 0$/],
    ['a fraction', () => positiveInteger('retry', 'attempts', 1.5), /not a fraction$/],
    ['beyond 2^53', () => positiveInteger('retry', 'attempts', 2 ** 53), /not a number that does not fit$/],
    ['a numeric string', () => positiveInteger('retry', 'attempts', '3'), /not a string that does not fit$/],
    ['a negative time', () => nonNegativeMs('retry', 'baseMs', -1), /^retry: `baseMs` must be a number of milliseconds, 0 or more, not a negative number$/],
    ['NaN', () => nonNegativeMs('retry', 'baseMs', Number.NaN), /not NaN$/],
    ['no time', () => nonNegativeMs('retry', 'baseMs', undefined), /not undefined$/],
    ['another word', () => oneOf('c', 'guarantee', 'twice', ['once', 'never']), /^c: `guarantee` must be one of 'once', 'never', not a string that does not fit$/],
    ['an upper-case name', () => nameOf('topic', 'name', 'Orders'), /`name` must be a name: a lower-case letter/],
    ['a long name', () => nameOf('topic', 'name', 'a'.repeat(101)), /must be a name/],
    ['a name with a line break', () => nameOf('topic', 'name', 'a\n'), /must be a name/],
    ['no function', () => functionOf('retry', 'classify', {}), /must be a function, not an object$/],
  ])('are refused when they do not: %s', (_, run, message) => {
    expect(run).toThrow(refuses(message));
  });

  it('are described without being told', () => {
    expect(['', true, 1n, Symbol('s'), () => 1, Number.POSITIVE_INFINITY].map(kindOf)).toEqual(['an empty string', 'a boolean', 'a bigint', 'a symbol', 'a function', 'Infinity']);
    expect(() => nameOf('topic', 'name', 'hunter2!')).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});
