import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commitBy, endBy } from './ending.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refusal = Object.assign(new Error('violates foreign key constraint'), { code: '23503', severity: 'ERROR' });
const lost = Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });

test('a commit that was made gives the connection back', async () => {
  const end = vi.fn();
  await commitBy(Promise.resolve({ command: 'COMMIT' }), end);
  expect(end.mock.calls).toEqual([[false]]);
});

test('trap 43: COMMIT that is answered with ROLLBACK is an error', async () => {
  const end = vi.fn();
  await expect(commitBy(Promise.resolve({ command: 'ROLLBACK' }), end)).rejects.toMatchObject({ code: 'transaction-ended' });
  expect(end.mock.calls).toEqual([[false]]);
});

test('traps 19, 20: a COMMIT without an answer leaves everything open, and its connection is closed', async () => {
  const end = vi.fn();
  await expect(commitBy(Promise.reject(lost), end)).rejects.toMatchObject({ code: 'commit-unknown', cause: lost });
  expect(end.mock.calls).toEqual([[true]]);
});

test('a COMMIT that the server refuses is undone for certain; a ROLLBACK follows on the same connection', async () => {
  const end = vi.fn();
  await expect(commitBy(Promise.reject(refusal), end)).rejects.toBe(refusal);
  expect(end).not.toHaveBeenCalled();
});

test.each([
  ['is answered', () => Promise.resolve(), false],
  ['fails', () => Promise.reject(lost), true],
])('a last statement that %s', async (_what, answer, inDoubt) => {
  const end = vi.fn();
  await endBy(answer(), end);
  expect(end.mock.calls).toEqual([[inDoubt]]);
});

test('trap 20: a last statement that is not answered is not waited for for ever, and its connection is closed', async () => {
  const end = vi.fn();
  const ended = endBy(new Promise(() => {}), end);
  await vi.advanceTimersByTimeAsync(10_000);
  await ended;
  expect(end.mock.calls).toEqual([[true]]);
});
