import type { PublishResult } from 'semel';
import { kafka } from 'semel/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { seal } from '../../src/core/seal.ts';
import { describeWith } from '../services/describe-with.ts';
import { committed } from './committed.ts';
import { endOf, proxied } from './cut-end.ts';
import { aTopic, quietKafka, uniqueName } from './kafka.ts';

const client = quietKafka();

function messagesFor(topic: string, count: number) {
  return Array.from({ length: count }, (_, index) =>
    seal({ topic, source: 'test', id: `m${index}`, type: topic, time: '2026-01-01T00:00:00.000Z', key: `k${index % 7}`, data: index, headers: {} }),
  );
}

const kindsOf = (results: readonly PublishResult[] | undefined) => [...new Set(results?.map(({ kind }) => kind))];

describeWith('kafka', 'a publisher in transactions', () => {
  test('trap 25: a batch whose end did not reach the brokers is never seen, not even in part; sent again, it is there once', async () => {
    const topic = await aTopic(client);
    const { proxy, through } = await proxied();
    const transactionalId = uniqueName('relay');
    const { publisher } = kafka(through, { transactional: transactionalId, transactionTimeoutMs: 3_000 });
    onTestFinished(() => publisher?.close());
    const batch = messagesFor(topic, 60);
    const cut = proxy.once({ request: endOf(transactionalId), then: 'cut-before-request' });
    const publishing = publisher?.publish(batch, { signal: AbortSignal.timeout(4_000) });
    await cut;
    proxy.cut();
    expect(kindsOf(await publishing)).toEqual(['unknown']);
    proxy.pass();
    await expect.poll(async () => kindsOf(await publisher?.publish(batch, { signal: AbortSignal.timeout(10_000) })), { timeout: 30_000 }).toEqual(['accepted']);
    const seen = (await committed(client, topic)).map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()).id);
    expect(seen.toSorted()).toEqual(batch.map(({ message }) => message.id).toSorted());
  });
});
