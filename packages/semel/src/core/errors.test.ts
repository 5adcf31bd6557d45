import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, isSemelError, SemelError } from './errors.ts';

const codes = Object.entries(ERROR_CODES) as [ErrorCode, { readonly retryable: boolean; readonly todo: string }][];

describe('ERROR_CODES', () => {
  it.each(codes)('%s says what to do, in whole sentences', (code, { retryable, todo }) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(typeof retryable).toBe('boolean');
    expect(todo).toMatch(/^[A-Z`].*\.$/);
  });
});

describe('SemelError', () => {
  it.each(codes)('%s takes its retryability from the table', (code, { retryable }) => {
    const error = new SemelError(code, 'what went wrong');
    expect(error).toMatchObject({ name: 'SemelError', code, retryable, message: 'what went wrong', details: {} });
    expect('cause' in error).toBe(false);
  });

  it('carries cause and details', () => {
    const cause = new Error('driver');
    expect(new SemelError('store-busy', 'busy', { cause, details: { waitedMs: 5 } })).toMatchObject({ cause, details: { waitedMs: 5 } });
  });
});

describe('isSemelError', () => {
  const error: unknown = new SemelError('store-busy', 'busy');

  it('asks for the code where one is given', () => {
    expect(isSemelError(error)).toBe(true);
    expect(isSemelError(error, 'store-busy')).toBe(true);
    expect(isSemelError(error, 'store-full')).toBe(false);
  });

  it('knows those of another copy of the package', () => {
    expect(isSemelError(Object.assign(new Error('busy'), { name: 'SemelError', code: 'store-busy' }), 'store-busy')).toBe(true);
  });

  it.each([[new Error('x')], [Object.assign(new Error('x'), { name: 'SemelError' })], [{ name: 'SemelError', code: 'store-busy' }], [null], ['SemelError']])(
    'knows none in %o',
    (other) => {
      expect(isSemelError(other)).toBe(false);
    },
  );
});
