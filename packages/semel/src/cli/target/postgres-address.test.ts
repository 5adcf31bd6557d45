import { expect, test } from 'vitest';
import { isPostgresAddress, postgresAddressOf } from './postgres-address.ts';

test.each([
  ['postgres://bob@db.example/shop', 'postgres://bob@db.example/shop', 'semel', 'postgres://bob@db.example/shop?schema=semel'],
  ['PostgreSQL://bob:s3cret@db.example:6432/shop?schema=mail', 'postgres://bob:s3cret@db.example:6432/shop', 'mail', 'postgres://bob@db.example:6432/shop?schema=mail'],
  ['postgres://bob:s3c@ret:x@db/shop?sslmode=require', 'postgres://bob:s3c@ret:x@db/shop?sslmode=require', 'semel', 'postgres://bob@db/shop?schema=semel'],
  ['postgres://db/shop?password=s3cret&schema=a&sslmode=disable', 'postgres://db/shop?password=s3cret&sslmode=disable', 'a', 'postgres://db/shop?schema=a'],
  ['postgres:///shop?host=/var/run/postgresql', 'postgres:///shop?host=/var/run/postgresql', 'semel', 'postgres:///shop?schema=semel'],
  ['postgres:?schema=mail', 'postgres://', 'mail', 'postgres://?schema=mail'],
])('%s', (address, connectionString, schema, shown) => {
  expect(isPostgresAddress(address)).toBe(true);
  expect(postgresAddressOf(address, '--store')).toEqual({ connectionString, schema, shown });
});

test.each(['postgres://bob:s3#cret@db/shop', 'postgres://bob:s3cret@db/shop?schema=Mail', 'postgres://bob:s3cret@db/shop?schema='])(
  'refuses %s, and does not repeat it',
  (address) => {
    const refusal = expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(/^--store(?!.*s3)/) });
    expect(() => postgresAddressOf(address, '--store')).toThrow(refusal);
  },
);

test.each(['shop.db', 'sqlite:shop.db', './postgres', 'C:\\postgres'])('%s is for another kind of store', (address) => {
  expect(isPostgresAddress(address)).toBe(false);
});
