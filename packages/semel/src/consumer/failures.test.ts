import { expect, test } from 'vitest';
import { SemelError } from '../core/errors.ts';
import { retryPolicy } from '../core/retry.ts';
import type { WorkItem } from '../core/store.ts';
import { Pause, Reject } from '../core/throwables.ts';
import { manualRuntime } from '../testing/manual-runtime.ts';
import type { Consumer } from './consumer.ts';
import type { Engine } from './engine.ts';
import { RETURNED, SetFailure, StoreFailure, settlementOf } from './failures.ts';

const engine = { runtime: manualRuntime(), store: { capabilities: { queue: true } } } as unknown as Engine;
const boom = new Error('boom');
const message = { topic: 'orders', source: 'shop/orders', id: 'a', type: 'orders', time: '2026-01-01T00:00:00Z', key: 'Ann', data: {}, headers: {} };
const QUIET = { parks: false, probing: false };

function consumerOf(guarantee: Consumer['guarantee'] = 'exactly-once'): Consumer {
  return { name: 'charge', guarantee, policies: { retry: retryPolicy({ attempts: 3 }), holdKey: true } } as unknown as Consumer;
}

function itemOf(given: Partial<WorkItem['delivery']> = {}, decoded = true): WorkItem {
  const delivery: WorkItem['delivery'] = { topic: 'orders', content: { message }, receipt: { kind: 'external' }, attempt: 1, ...given };
  return { delivery, receipt: delivery.receipt, ...(decoded ? { message } : {}) };
}

const position = { kind: 'position', partition: '0', from: '1', to: '2', epoch: 1 } as const;
const queued = { kind: 'item', item: 1, fence: 1 } as const;

test.each([
  ['is retried by its transport', itemOf(), QUIET, false],
  ['waits in the store where its transport cannot delay', itemOf(), { ...QUIET, parks: true }, true],
  ['of a log waits in the store, for the log goes on', itemOf({ receipt: position }), QUIET, true],
  ['of the store’s own queue waits where it is', itemOf({ receipt: queued }), { ...QUIET, parks: true }, false],
])('a failed message %s', (_what, item, circumstances, park) => {
  expect(settlementOf(engine, consumerOf(), item, boom, circumstances)).toMatchObject({ kind: 'retry', counted: true, park });
});

test('it stays in its log where the store has no queue', () => {
  const without = { ...engine, store: { capabilities: { queue: false } } } as unknown as Engine;
  expect(settlementOf(without, consumerOf(), itemOf({ receipt: position }), boom, QUIET)).toMatchObject({ kind: 'retry', counted: true, park: false });
});

test('one that has used up its attempts dies of its last failure, and holds its key', () => {
  expect(settlementOf(engine, consumerOf(), itemOf({ attempt: 3 }), boom, QUIET)).toMatchObject({ kind: 'dead', reason: 'Error', holdKey: true });
  expect(settlementOf(engine, consumerOf(), itemOf(), new Reject({ reason: 'no such customer' }), QUIET)).toMatchObject({ kind: 'dead' });
});

test('trap 36: bytes that cannot be decoded die at once of what was wrong with them, and hold no key', () => {
  const refused = new SemelError('not-json', 'no JSON');
  expect(settlementOf(engine, consumerOf(), itemOf({}, false), refused, QUIET)).toMatchObject({ kind: 'dead', reason: 'not-json', holdKey: false });
});

test('bytes whose error could be retried die all the same: another try decodes no better', () => {
  expect(settlementOf(engine, consumerOf(), itemOf({}, false), boom, QUIET)).toMatchObject({ kind: 'dead', reason: 'Error', holdKey: false });
});

test('trap 41: a probe costs no attempt; a second one in a row does', () => {
  const probing = { ...QUIET, probing: true };
  const once = settlementOf(engine, consumerOf(), itemOf({ attempt: 3 }), boom, probing);
  expect(once).toMatchObject({ kind: 'retry', counted: false, failure: { uncounted: true } });
  const earlier = { atMs: 0, attempt: 3, code: 'Error', message: 'boom' };
  expect(settlementOf(engine, consumerOf(), itemOf({ attempt: 3, history: [{ ...earlier, uncounted: true }, earlier] }), boom, probing)).toMatchObject({ counted: false });
  const twice = settlementOf(engine, consumerOf(), itemOf({ attempt: 2, history: [earlier, { ...earlier, uncounted: true }] }), boom, probing);
  expect(twice).toMatchObject({ kind: 'retry', counted: true });
  expect(twice).not.toHaveProperty('failure.uncounted');
  expect(settlementOf(engine, consumerOf(), itemOf({ attempt: 3, history: [{ ...earlier, uncounted: true }] }), boom, probing)).toMatchObject({ kind: 'dead' });
});

test.each([
  ['a pause', new Pause({ afterMs: 1_000 })],
  ['a set’s search for its culprit', new SetFailure()],
  ['its own store’s trouble', new StoreFailure(boom)],
  ['an abort', new SemelError('handler-aborted', 'stopped')],
])('%s is not the message’s fault, unless its one try is spent', (_what, thrown) => {
  expect(settlementOf(engine, consumerOf(), itemOf(), thrown, QUIET)).toBeUndefined();
  expect(settlementOf(engine, consumerOf('at-most-once'), itemOf(), thrown, QUIET)).toMatchObject({ kind: 'dead' });
});

test('the trouble of a store is told by its own name', () => {
  const trouble = new StoreFailure(new SemelError('store-full', 'the disk is full'));
  expect(settlementOf(engine, consumerOf('at-most-once'), itemOf(), trouble, QUIET)).toMatchObject({ reason: 'store-full', failure: { code: 'store-full' } });
});

test('traps 33, 51: what was returned waits in the store at once, and that it was costs no attempt', () => {
  const settlement = settlementOf(engine, consumerOf(), itemOf({ suspect: true, attempt: 3 }), RETURNED, { ...QUIET, parks: true });
  expect(settlement).toMatchObject({ kind: 'retry', afterMs: 0, counted: false, park: true, failure: { code: 'crashed', uncounted: true } });
});
