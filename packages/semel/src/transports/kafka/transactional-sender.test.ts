import { expect, test } from 'vitest';
import { seal } from '../../core/seal.ts';
import { kafka } from './kafka.ts';
import type { KafkaClient, TransactionContent, TransactionEnd } from './kafka-client.ts';

const COMMITTED: TransactionEnd = { kind: 'committed' };
const LOST: TransactionEnd = { kind: 'unknown', error: new Error('no reply') };

/** Brokers that end each transaction as `end` says, and what was in them, by the number of the producer. */
function brokers(end: (ids: readonly string[]) => TransactionEnd) {
  const transactions: { readonly producer: number; readonly ids: readonly string[]; readonly offsets: TransactionContent['offsets'] }[] = [];
  let producers = 0;
  const client: KafkaClient = {
    name: 'fake',
    capabilities: { cooperativeRebalance: false, staticMembership: false, fencedTransactionOffsets: true },
    join: () => Promise.reject(new Error('not here')),
    producer: () => Promise.reject(new Error('an idempotent producer makes no transactions')),
    transactions: () => ({
      partitionsOf: async () => 3,
      scan: () => {
        throw new Error('not here');
      },
      close: async () => {},
      producer: async () => {
        const producer = ++producers;
        const commit = async ({ batches, offsets }: TransactionContent) => {
          const ids = batches.flatMap(({ records }) => records.map(({ value }) => JSON.parse(String(value)).id as string));
          transactions.push({ producer, ids: ids.toSorted(), offsets });
          return end(ids);
        };
        return { commit, ask: async () => 'unknown' };
      },
    }),
  };
  const { publisher } = kafka(client, { transactional: true });
  const publish = async (...ids: readonly string[]) => {
    const messages = ids.map((id) => seal({ topic: 'orders', source: 's', id, type: 'orders', time: '2026-01-01T00:00:00.000Z', key: id, data: 1, headers: {} }));
    return (await publisher?.publish(messages, { signal: new AbortController().signal }))?.map(({ kind }) => kind);
  };
  return { transactions, publish };
}

test('what is sent at once, to whichever partitions, is one transaction, without offsets', async () => {
  const { transactions, publish } = brokers(() => COMMITTED);
  expect(await publish('a', 'b', 'c', 'd')).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
  expect(transactions).toEqual([{ producer: 1, ids: ['a', 'b', 'c', 'd'], offsets: undefined }]);
});

test('where its end is not known, or it was aborted, none of it is taken for published, and another producer goes on', async () => {
  const ends: TransactionEnd[] = [LOST, { kind: 'aborted', because: 'fenced', error: new Error('fenced') }, COMMITTED];
  const { transactions, publish } = brokers(() => ends.shift() ?? COMMITTED);
  expect(await publish('a', 'b')).toEqual(['unknown', 'unknown']);
  expect(await publish('a', 'b')).toEqual(['failed', 'failed']);
  expect(await publish('a', 'b')).toEqual(['accepted', 'accepted']);
  expect(transactions.map(({ producer }) => producer)).toEqual([1, 2, 3]);
});

test('a message that is refused for good fails alone: the others are committed apart', async () => {
  const { publish } = brokers((ids) => (ids.includes('bad') ? { kind: 'aborted', because: 'refused', error: new Error('too large') } : COMMITTED));
  expect(await publish('a', 'bad', 'b', 'c')).toEqual(['accepted', 'failed', 'accepted', 'accepted']);
});

test('a client without transactions is refused, and so is an id that is none', () => {
  const without: KafkaClient = {
    name: 'plain',
    capabilities: { cooperativeRebalance: false, staticMembership: false, fencedTransactionOffsets: false },
    join: () => Promise.reject(new Error('not here')),
    producer: () => Promise.reject(new Error('not here')),
  };
  expect(() => kafka(without, { transactional: true })).toThrow(expect.objectContaining({ code: 'capability-missing' }));
  expect(() => kafka(without, { transactional: '' })).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
