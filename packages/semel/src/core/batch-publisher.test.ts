import { expect, test } from 'vitest';
import { BatchPublisher, type BatchSink } from './batch-publisher.ts';
import { seal } from './seal.ts';

const { signal } = new AbortController();
const messageOf = (id: string) => seal({ topic: 'orders', source: 's', id, type: 'orders', time: '2026-01-01T00:00:00.000Z', key: id[0] as string, data: id, headers: {} });

/** A broker that takes everything, and what it was sent, request by request. */
function sinkOf(given: Partial<BatchSink<string>>): { readonly sink: BatchSink<string>; readonly sent: (readonly string[])[] } {
  const sent: (readonly string[])[] = [];
  const sink: BatchSink<string> = {
    service: 'test',
    maxEntries: 10,
    maxBytes: 100,
    maxRequestBytes: 100,
    ordered: true,
    entryOf: ({ message }) => message.id,
    bytesOf: () => 1,
    send: async (entries) => {
      sent.push(entries);
      return entries.map(() => ({ kind: 'accepted' }));
    },
    refusalOf: (error) => ({ kind: 'failed', retryable: true, error }),
    ...given,
  };
  return { sink, sent };
}

const published = async (sink: BatchSink<string>, ids: readonly string[]) => (await new BatchPublisher(sink).publish(ids.map(messageOf), { signal })).map(({ kind }) => kind);

test('trap 2: nothing of a key is sent behind a message that could not be made ready', async () => {
  const { sink, sent } = sinkOf({
    entryOf: ({ message: { id } }) => {
      if (id === 'a1') throw new Error('the store of large payloads is slow');
      return id;
    },
  });
  expect(await published(sink, ['a1', 'a2', 'b1'])).toEqual(['failed', 'failed', 'accepted']);
  expect(sent).toEqual([['b1']]);
});

test('what is larger than a request has room for goes by itself, in its place of its key', async () => {
  const { sink, sent } = sinkOf({ maxBytes: 1_000, bytesOf: (id) => (id === 'a2' ? 500 : 60) });
  expect(await published(sink, ['a1', 'a2', 'a3', 'b1'])).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
  expect(sent.flat().filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(sent.find((entries) => entries.includes('a2'))).toEqual(['a2']);
});
