import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { pathOf, targetOf } from './address.ts';

test.each([
  ['shop.db', 'shop.db'],
  ['sqlite:shop.db', 'shop.db'],
  ['SQLITE:shop.db', 'shop.db'],
  ['sqlite:/var/lib/shop.db', '/var/lib/shop.db'],
  ['./shop:1.db', './shop:1.db'],
  ['sqlite:shop:1.db', 'shop:1.db'],
  ['C:\\data\\shop.db', 'C:\\data\\shop.db'],
  ['c:/data/shop.db', 'c:/data/shop.db'],
  ['sqlite:C:\\data\\shop.db', 'C:\\data\\shop.db'],
  ['\\\\server\\share\\shop.db', '\\\\server\\share\\shop.db'],
])('%s is the file %s', (address, path) => {
  expect(pathOf(address, '--store')).toBe(path);
});

test.each(['', 'sqlite:', ':memory:', 'sqlite::memory:', 'mysql://localhost/shop', 'shop:1.db', 'sqlite://shop.db', 'file:shop.db'])('refuses %j', (address) => {
  expect(() => pathOf(address, '--store')).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(/^--store.*sqlite:/) }));
});

test('the option comes before the variable, and without both the error names both', () => {
  const env = { SEMEL_STORE: 'b.db' };
  expect(targetOf('a.db', env).address).toBe(`sqlite:${resolve('a.db')}`);
  expect(targetOf(undefined, env).address).toBe(`sqlite:${resolve('b.db')}`);
  expect(() => targetOf(undefined, { SEMEL_STORE: '' })).toThrow(/--store.*SEMEL_STORE/);
  expect(() => targetOf(undefined, { SEMEL_STORE: 'redis:x' })).toThrow(/^SEMEL_STORE: redis:/);
});
