import { expect, test } from 'vitest';
import type { SubscriptionState } from '../../core/store.ts';
import type { Level, Thresholds } from './finding.ts';
import { examineSubscriptions } from './subscription-checks.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const nowMs = Date.UTC(2026, 0, 15);
const thresholds: Thresholds = { nowMs, maxAgeMs: HOUR_MS, goneMs: 7 * DAY_MS, maxIdleMs: 60_000, maxTransactionMs: HOUR_MS, inboxMs: 30 * DAY_MS, messagesMs: 7 * DAY_MS };
const calm: SubscriptionState = {
  name: 'payments',
  kind: 'local',
  topic: 'orders',
  ordered: true,
  joinedAtMs: nowMs - 90 * DAY_MS,
  seenAtMs: nowMs - 30 * DAY_MS,
  backlog: { ready: 0, inFlight: 0, retrying: 0, held: 0 },
  deadLetters: 0,
};
const waiting = { ready: 2, inFlight: 1, retrying: 1, held: 0 };

/** The findings that are not `ok`, by check. */
function found(...changes: readonly Partial<SubscriptionState>[]): Readonly<Record<string, string>> {
  const findings = examineSubscriptions(
    changes.map((change) => ({ ...calm, ...change })),
    thresholds,
  );
  return Object.fromEntries(findings.filter(({ level }) => level !== ('ok' satisfies Level)).map((finding) => [finding.check, finding.found]));
}

test('a calm store, an empty one, and a young backlog are in order', () => {
  expect(found()).toEqual({});
  expect(found({})).toEqual({});
  expect(found({ backlog: waiting, oldestMs: nowMs - HOUR_MS })).toEqual({});
});

test('messages that wait for long are told, with all that are pending', () => {
  expect(found({ backlog: waiting, oldestMs: nowMs - 2 * HOUR_MS }, {})).toEqual({ 'waiting-messages': 'payments: 4 messages pending, the oldest for 2h' });
});

test('a message held behind a dead letter is not taken for one that waits for a worker', () => {
  expect(found({ backlog: { ...waiting, ready: 0, inFlight: 0, retrying: 0, held: 1 }, oldestMs: nowMs - 30 * DAY_MS, deadLetters: 1 })).toEqual({
    'held-keys': 'payments: 1 held by a dead letter',
    'dead-letters': 'payments: 1',
  });
});

test('trap 57: a consumer that nobody starts any more is told by its backlog, not by how long ago it was started', () => {
  expect(found({ backlog: waiting, oldestMs: nowMs - 6 * DAY_MS })['gone-consumers']).toBeUndefined();
  expect(found({ name: 'legacy', backlog: waiting, oldestMs: nowMs - 8 * DAY_MS })['gone-consumers']).toBe('legacy: last started 30d ago, 4 messages pending');
  expect(found({ backlog: waiting, oldestMs: nowMs - 8 * DAY_MS, seenAtMs: nowMs - DAY_MS })['gone-consumers']).toBeUndefined();
});

test('pauses are told until they are over', () => {
  expect(found({ pausedUntilMs: Number.POSITIVE_INFINITY }, { name: 'mail', pausedUntilMs: nowMs + HOUR_MS })).toEqual({
    pauses: 'payments: until resumed; mail: until 2026-01-15T01:00:00.000Z',
  });
  expect(found({ pausedUntilMs: nowMs - 1 })).toEqual({});
});

test('whatever is not in order comes with what mends it', () => {
  const states = [{ ...calm, backlog: { ...waiting, held: 1 }, oldestMs: 0, deadLetters: 1, pausedUntilMs: Number.POSITIVE_INFINITY }];
  const findings = examineSubscriptions(states, thresholds);
  expect(findings.filter(({ level, todo }) => level === 'warn' && todo !== undefined)).toHaveLength(5);
});
