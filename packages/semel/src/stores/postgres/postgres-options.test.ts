import { expect, test } from 'vitest';
import { type PostgresOptions, postgresSettings } from './postgres-options.ts';

test('are copied, completed and frozen', () => {
  const given: PostgresOptions = { schema: 'shop_1', lockTimeoutMs: 0 };
  const settings = postgresSettings('postgres()', given);
  expect(settings).toMatchObject({ schema: 'shop_1', migrate: false, isolation: 'read committed', lockTimeoutMs: 0, notify: true, relay: { mode: 'poll' } });
  expect(settings).not.toBe(given);
  expect(settings).toSatisfy(Object.isFrozen);
});

test.each(['Shop', '1shop', 'shop-1', 'shop; drop table orders', 'shop"', '', 'x'.repeat(64), 7])('trap 38: refuses the schema %j', (schema) => {
  expect(() => postgresSettings('postgres()', { schema } as PostgresOptions)).toThrow(/^postgres\(\): schema must be lower-case letters, digits and underscores/);
});

test.each([
  [{ migrate: 'yes' }, 'migrate must be true or false'],
  [{ isolation: 'read uncommitted' }, 'isolation must be'],
  [{ lockTimeoutMs: -1 }, 'lockTimeoutMs must be a whole number of milliseconds'],
  [{ idleTimeoutMs: 1.5 }, 'idleTimeoutMs must be a whole number of milliseconds'],
  [{ relay: { mode: 'wal' } }, 'relay must be'],
  [{ relay: null }, 'relay must be'],
  [{ lockTimeout: 1 }, 'has no option lockTimeout; it has schema'],
])('refuses %j', (options, message) => {
  expect(() => postgresSettings('postgres()', options as PostgresOptions)).toThrow(message);
});
