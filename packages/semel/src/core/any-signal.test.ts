import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { anySignal } from './any-signal.ts';

test('aborts with the first of them, for its reason', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const any = anySignal(first.signal, second.signal);
  expect(any.signal.aborted).toBe(false);
  second.abort('second');
  first.abort('first');
  expect(any.signal.reason).toBe('second');
});

test('is aborted from the beginning where one of them is', () => {
  expect(anySignal(new AbortController().signal, AbortSignal.abort('over')).signal.reason).toBe('over');
});

test('once released it follows nobody, and nobody remembers it', () => {
  const source = new AbortController();
  const any = anySignal(source.signal);
  any.release();
  expect(getEventListeners(source.signal, 'abort')).toEqual([]);
  source.abort();
  expect(any.signal.aborted).toBe(false);
});
