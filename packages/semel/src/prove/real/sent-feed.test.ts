import { expect, test } from 'vitest';
import { type FromWorker, receivedError, type SentDelivery } from './protocol.ts';
import { SentFeed } from './sent-feed.ts';

function sent(number: number): SentDelivery {
  const message = { source: 'shop/orders', id: `A${number}`, topic: 'orders', type: 'orders', time: '2026-01-01T00:00:00Z', data: {}, headers: {} };
  return { number, attempt: 1, message, json: '{}', fingerprint: 'f' };
}

const going = new AbortController().signal;

test('gives what has arrived, not more than is asked for, and waits for more', async () => {
  const feed = new SentFeed(() => {});
  const first = feed.receive({ max: 2, signal: going });
  feed.take([sent(0), sent(1), sent(2)], 'orders');
  expect(await first).toHaveLength(2);
  expect(await feed.receive({ max: 2, signal: going })).toHaveLength(1);
  expect(await feed.receive({ max: 2, signal: AbortSignal.abort() })).toEqual([]);
});

test('says what became of each, by its number', async () => {
  const said: FromWorker[] = [];
  const feed = new SentFeed((message) => said.push(message));
  feed.take([sent(4), sent(5)], 'orders');
  const [a, b] = await feed.receive({ max: 9, signal: going });
  await feed.settle([
    { delivery: b as never, outcome: { kind: 'retry', afterMs: 5, error: Object.assign(new TypeError('no'), { code: 'E1' }) } },
    { delivery: a as never, outcome: { kind: 'dead', reason: 'E2' } },
  ]);
  const [message] = said as Extract<FromWorker, { readonly kind: 'settled' }>[];
  expect(message?.answers).toMatchObject([
    { number: 5, kind: 'retry', error: { name: 'TypeError', message: 'no', code: 'E1' } },
    { number: 4, kind: 'dead', reason: 'E2' },
  ]);
  expect(receivedError(message?.answers[0]?.error as never)).toMatchObject({ name: 'TypeError', message: 'no', code: 'E1' });
});

test('what was in hand when it was given to another cannot be prolonged; what comes later can', async () => {
  const feed = new SentFeed(() => {});
  feed.take([sent(0)], 'orders');
  const before = await feed.receive({ max: 9, signal: going });
  expect(await feed.extend(before)).toEqual([]);
  feed.lose();
  feed.take([sent(1)], 'orders');
  const after = await feed.receive({ max: 9, signal: going });
  expect(await feed.extend([...before, ...after])).toEqual(before);
});
