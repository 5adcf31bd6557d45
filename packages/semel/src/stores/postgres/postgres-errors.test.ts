import { expect, test } from 'vitest';
import { SemelError } from '../../core/errors.ts';
import { isRefusal, translateError, translateOwn } from './postgres-errors.ts';

const answered = (code: string, more: object = {}) => Object.assign(new Error('refused'), { code, ...more });
const codeOf = (error: unknown) => (error instanceof SemelError ? error.code : 'as it was');

test.each([
  ['08006', 'store-unavailable'],
  ['25006', 'store-readonly'],
  ['25P03', 'handler-timeout'],
  ['40001', 'store-conflict'],
  ['40P01', 'store-conflict'],
  ['53100', 'store-full'],
  ['53300', 'store-unavailable'],
  ['57P01', 'store-unavailable'],
  ['XX001', 'store-corrupt'],
])('%s is %s, whoever sent the statement', (state, code) => {
  for (const translated of [translateError(answered(state)), translateOwn(answered(state))]) expect(codeOf(translated)).toBe(code);
});

test.each([
  ['28P01', 'store-unavailable'],
  ['3D000', 'store-unavailable'],
  ['3F000', 'schema-missing'],
  ['42501', 'store-forbidden'],
  ['42703', 'schema-outdated'],
  ['42P01', 'schema-missing'],
  ['53400', 'store-unavailable'],
  ['55P03', 'store-busy'],
  ['57014', 'store-busy'],
  ['58P01', 'store-unavailable'],
])("trap 41: %s is %s of a statement of Semel's own, and a handler's own failure in one of its", (state, code) => {
  const error = answered(state);
  expect(translateError(error)).toBe(error);
  expect(translateOwn(error)).toMatchObject({ code, cause: error, details: { sqlState: state } });
});

test('what the user did wrong stays as it is', () => {
  for (const error of [answered('23505'), answered('25P02'), answered('22P02'), new Error('no'), 'text', new SemelError('store-full', 'full')]) {
    expect(translateError(error)).toBe(error);
    expect(translateOwn(error)).toBe(error);
  }
});

test('a lost connection is store-unavailable; a time limit of the pool only where nobody but Semel waited', () => {
  const lost = answered('ECONNRESET');
  const slow = new Error('Query read timeout');
  expect([lost, slow].map((error) => codeOf(translateError(error)))).toEqual(['store-unavailable', 'as it was']);
  expect([lost, slow].map((error) => codeOf(translateOwn(error)))).toEqual(['store-unavailable', 'store-unavailable']);
});

test('only an answer that leaves the connection as it was is a refusal', () => {
  const ends = [answered('08006'), answered('57P01'), answered('3D000'), answered('28P01', { severity: 'FATAL' }), new Error('lost')];
  expect(ends.map(isRefusal)).toEqual(ends.map(() => false));
  expect(['23505', '40001', '57014', '53200', '42501'].map((state) => isRefusal(answered(state, { severity: 'ERROR' })))).not.toContain(false);
});
