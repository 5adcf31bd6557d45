import { beforeEach, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readStableOffsets, sendOffsets } from './group-offset-requests.ts';
import { isEviction, isUnstable } from './kafkajs-error.ts';
import type { Broker } from './library.ts';

const place = { group: 'shop/pay', memberId: 'member-7', generation: 42, topic: 'orders', topicId: 'topic-id-of-22-letters' };
const producer = { transactionalId: 'me', producerId: '1000', producerEpoch: 3 };

let sent: ByteReader;
let answer: Buffer;
const coordinator = {
  connectionPool: {
    send: async ({ request, response }: Parameters<Broker['connectionPool']['send']>[0]) => {
      sent = new ByteReader((await request.encode()).buf);
      return response.parse(await response.decode(answer));
    },
  },
} as unknown as Broker;

beforeEach(() => {
  answer = Buffer.alloc(0);
});

function committed(code: number): Buffer {
  return new ByteWriter().varint(0).int32(0).varint(2).compactText('orders').varint(2).int32(0).int16(code).varint(0).varint(0).varint(0).bytes;
}

test('trap 29: offsets in a transaction carry producer, generation and member', async () => {
  answer = committed(0);
  await sendOffsets(coordinator, producer, place, new Map([[0, { offset: 7n, note: ' 1 0 0' }]]));
  sent.skipTags();
  expect([sent.compactText(), sent.compactText(), sent.int64(), sent.int16(), sent.int32(), sent.compactText(), sent.compactText()]).toEqual([
    'me',
    'shop/pay',
    1000n,
    3,
    42,
    'member-7',
    null,
  ]);
  const topics = sent.compactArray(() => ({
    topic: sent.compactText(),
    partitions: sent.compactArray(() => {
      const partition = [sent.int32(), sent.int64(), sent.int32(), sent.compactText()];
      sent.skipTags();
      return partition;
    }),
  }));
  expect(topics).toEqual([{ topic: 'orders', partitions: [[0, 7n, -1, 'topic-id-of-22-letters 1 0 0']] }]);
});

test('trap 29: the refusal of a zombie is told as one', async () => {
  answer = committed(22);
  await expect(sendOffsets(coordinator, producer, place, new Map())).rejects.toSatisfy(isEviction);
});

test('offsets are read with the demand to wait for open transactions, and what is open is told as that', async () => {
  const stored = (code: number) =>
    new ByteWriter()
      .varint(0)
      .int32(0)
      .varint(2)
      .compactText('orders')
      .varint(2)
      .int32(0)
      .int64(7n)
      .int32(-1)
      .compactText('a note')
      .int16(code)
      .varint(0)
      .varint(0)
      .int16(0)
      .varint(0).bytes;
  answer = stored(0);
  expect(await readStableOffsets(coordinator, place, [0])).toEqual([{ partition: 0, offset: 7n, metadata: 'a note', code: 0 }]);
  sent.skipTags();
  expect([sent.compactText(), sent.compactArray(() => [sent.compactText(), sent.compactArray(() => sent.int32()), sent.skipTags()])]).toEqual([
    'shop/pay',
    [['orders', [0], undefined]],
  ]);
  expect(sent.take(1)[0]).toBe(1);
  answer = stored(88);
  await expect(readStableOffsets(coordinator, place, [0])).rejects.toSatisfy(isUnstable);
});
