import { expect, test } from 'vitest';
import { within } from './within.ts';

test('gives what the promise gives, or nothing where that takes longer', async () => {
  expect(await within(60_000, Promise.resolve('in time'))).toBe('in time');
  expect(await within(1, new Promise(() => {}))).toBeUndefined();
  await expect(within(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
});
