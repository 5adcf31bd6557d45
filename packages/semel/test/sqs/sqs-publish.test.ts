import { describe, expect, test } from 'vitest';
import type { PublishResult } from '../../src/core/transport.ts';
import { decoded, idsOf } from '../../src/testing/transport-suite/transport-bench.ts';
import { benchOn, type ModelBench } from './model-bench.ts';

const { signal } = new AbortController();

function publish({ bench }: ModelBench, ...ids: readonly string[]): Promise<readonly PublishResult[]> {
  return bench.publisher.publish(
    ids.map((id) => bench.message(id, { key: id[0] as string })),
    { signal },
  );
}

const kindsOf = (results: readonly PublishResult[]) => results.map((result) => (result.kind === 'failed' && !result.retryable ? 'refused' : result.kind));

describe('trap 27: each entry of a batch has its own result', () => {
  test('one entry failed: the others are accepted', async () => {
    const on = benchOn('orders');
    on.model.entryFault = (request, index) => (request === 'send' && index === 1 ? 'InternalError' : undefined);
    expect(kindsOf(await publish(on, 'a', 'b', 'c'))).toEqual(['accepted', 'failed', 'accepted']);
  });

  test('one entry is refused for what it is: it is no more tried', async () => {
    const on = benchOn('orders');
    on.model.entryFault = (request, index) => (request === 'send' && index === 0 ? 'InvalidMessageContents' : undefined);
    expect(kindsOf(await publish(on, 'a', 'b'))).toEqual(['refused', 'accepted']);
  });

  test('FIFO: nothing of a key is sent behind a failure of that key, and a request never holds two of one key', async () => {
    const on = benchOn('orders.fifo');
    on.model.entryFault = (request, index) => (request === 'send' && index === 0 ? 'InternalError' : undefined);
    expect(kindsOf(await publish(on, 'a1', 'b1', 'a2', 'a3'))).toEqual(['failed', 'accepted', 'failed', 'failed']);
    expect(on.model.requests).toEqual([{ name: 'send', entries: 2 }]);
  });

  test('an entry that the reply does not mention has an unknown fate, and so has a request without a reply', async () => {
    const on = benchOn('orders');
    const { sendMessageBatch } = on.model;
    on.model.sendMessageBatch = async (input, options) => ({ ...(await sendMessageBatch(input, options)), Successful: [{ Id: '1' }] });
    expect(kindsOf(await publish(on, 'a', 'b'))).toEqual(['unknown', 'accepted']);
    on.model.losesReplies = 1;
    expect(kindsOf(await publish(on, 'c', 'd'))).toEqual(['unknown', 'unknown']);
  });
});

test('trap 26: a lost reply is published again under one deduplication id; after five minutes it is there twice, under one identity', async () => {
  const on = benchOn('orders.fifo');
  const { bench, model } = on;
  model.losesReplies = 1;
  expect(kindsOf(await publish(on, 'a'))).toEqual(['unknown']);
  expect(kindsOf(await publish(on, 'a'))).toEqual(['accepted']);
  expect(model.count('orders.fifo')).toBe(1);
  await bench.pass(300_001);
  await publish(on, 'a');
  const feed = await bench.subscribe();
  const [first] = await bench.receive(feed, 1);
  await bench.settle(feed, [first!]);
  expect(idsOf([first!, ...(await bench.receive(feed, 1))])).toEqual(['a', 'a']);
});

test('groups: a key as it is, one that AWS does not take by its hash, a message without a key by itself; standard: the tenant', async () => {
  const groupsOf = async (on: ModelBench, keys: readonly (string | undefined)[]) => {
    const groups: unknown[] = [];
    const { sendMessageBatch } = on.model;
    on.model.sendMessageBatch = (input, options) => {
      groups.push(...input.Entries.map(({ MessageGroupId }) => MessageGroupId));
      return sendMessageBatch(input, options);
    };
    const messages = keys.map((key, index) => on.bench.message(`m${index}`, key === undefined ? {} : { key }));
    expect(kindsOf(await on.bench.publisher.publish(messages, { signal }))).toEqual(keys.map(() => 'accepted'));
    return groups;
  };
  const ownOrHash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(await groupsOf(benchOn('orders.fifo'), ['eu:1', 'naïve', undefined])).toEqual(['eu:1', ownOrHash, ownOrHash]);
  expect(await groupsOf(benchOn('orders'), ['eu:1'])).toEqual([undefined]);
  expect(await groupsOf(benchOn('orders', { tenant: ({ key }) => `tenant-${key}` }), ['eu:1'])).toEqual(['tenant-eu:1']);
});

test('binary: attributes beside the data, and one JSON object where SQS has no room for them', async () => {
  const { bench } = benchOn('orders', { format: 'binary' });
  const feed = await bench.subscribe();
  const few = bench.message('a', { key: 'k', data: { odd: '\uFFFE\u0000' } });
  const many = bench.message('b', { headers: Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`h${index}`, 'x'])) });
  await bench.publish([few, many]);
  const received = (await bench.receive(feed, 2)).map(decoded);
  expect(received.map((message) => JSON.parse(JSON.stringify(message)))).toEqual([few, many].map(({ message }) => JSON.parse(JSON.stringify(message))));
});

test('a message that is too large is refused with both sizes', async () => {
  const { bench } = benchOn('orders', { maxMessageBytes: 1_024 });
  const results = await bench.publisher.publish([bench.message('a', { data: 'x'.repeat(2_000) }), bench.message('b')], { signal });
  expect(results).toMatchObject([{ kind: 'failed', retryable: false, error: { code: 'too-large', details: { maxBytes: 1_024 } } }, { kind: 'accepted' }]);
});
