import { expect, test } from 'vitest';
import { configuration } from './pgbouncer.ts';

function databases(server: string): string | undefined {
  return configuration(server, 6432).split('\n')[1];
}

test('leads to the server as whoever its address names', () => {
  expect(databases('postgres://postgres@127.0.0.1:25432/postgres')).toBe(`* = host='127.0.0.1' port='25432' user='postgres'`);
});

test('takes a password as it is', () => {
  expect(databases('postgres://bob:it%27s%20me@db.example/orders')).toBe(`* = host='db.example' port='5432' user='bob' password='it''s me'`);
});
