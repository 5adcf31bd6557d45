import { expect, test } from 'vitest';
import { checkPool } from './pool-check.ts';

const poolOf = (most: number, listens = true) => ({ name: 'knex', size: { most, option: 'pool.max', listens } });

test('a pool needs a connection for each transaction, for heartbeats, and to listen', () => {
  expect(() => checkPool(poolOf(6), 4, true)).not.toThrow();
  expect(() => checkPool(poolOf(5), 4, true)).toThrow(expect.objectContaining({ code: 'pool-too-small', retryable: false, details: { found: 5, needed: 6 } }));
});

test('a connection that listens elsewhere, or not at all, needs no place', () => {
  expect(() => checkPool(poolOf(5, false), 4, true)).not.toThrow();
  expect(() => checkPool(poolOf(5), 4, false)).not.toThrow();
  expect(() => checkPool(poolOf(4), 4, false)).toThrow(
    'opens at most 4 connections, and 5 are needed: 4 for consumers and relays that run at once, 1 for heartbeats. Set `pool.max` to 5',
  );
});

test('a pool of unknown size is let pass', () => {
  expect(() => checkPool({ name: 'prisma', size: undefined }, 100, true)).not.toThrow();
});
