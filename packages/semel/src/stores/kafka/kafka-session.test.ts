import { beforeEach, expect, test } from 'vitest';
import type { Scope, Settlement } from '../../core/store.ts';
import { type AnyTopic, topic } from '../../core/topic.ts';
import { noteOfText } from './partition-note.ts';
import { Bench, WORDS } from './played-kafka-fixture.ts';
import type { KafkaTransaction } from './transaction-handle.ts';

const words: AnyTopic = topic(WORDS, { schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } } });
const failure = { atMs: 0, attempt: 1, code: 'Error', message: 'no luck' };
const RETRY: Settlement = { kind: 'retry', afterMs: 0, failure, counted: true, park: false };
const DEAD: Settlement = { kind: 'dead', reason: 'Error', failure, holdKey: false };

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.assigned();
});

const kindsOf = (verdicts: readonly { readonly kind: string }[]) => verdicts.map(({ kind }) => kind);
const echo = (scope: Scope<KafkaTransaction>, word: string) => bench.publish(scope, word);
const failing = (which: string) => async (scope: Scope<KafkaTransaction>, word: string) => {
  await echo(scope, word);
  if (word === which) throw new Error('no luck');
};
const valuesOf = (index: number) => bench.kafka.log[index]?.batches.flatMap(({ topic: name, records }) => records.map(({ value }) => `${name} ${JSON.parse(String(value)).id}`));

test('trap 29: what is published and the position are one transaction, under the generation in which the partition was taken over', async () => {
  expect(kindsOf(await bench.handle(2, echo))).toEqual(['done', 'done']);
  const [transaction, ...others] = bench.kafka.log;
  expect(others).toEqual([]);
  expect(valuesOf(0)).toEqual(['words m5', 'words m6']);
  expect(transaction?.offsets?.place).toMatchObject({ group: 'shop/pay', memberId: 'member', generation: 1 });
  expect(transaction?.offsets?.at.get(0)?.offset).toBe(7n);
  expect(bench.kafka.writes.map(({ offset }) => offset)).toEqual([5n]); // when it was taken over, and not since
});

test('trap 29: one that the group went on without loses all of it, also once it has learnt of its new generation', async () => {
  bench.kafka.generation = 2;
  bench.ledger.enter([0], bench.kafka.reader());
  expect(kindsOf(await bench.handle(2, echo))).toEqual(['lost', 'lost']);
  expect(bench.kafka.offset?.offset).toBe(5n);
  await bench.assigned();
  expect(kindsOf(await bench.handle(1, ({ tx }) => expect(tx.last(words, 'key')).toBeUndefined()))).toEqual(['done']);
});

test('a message that fails leaves nothing, its predecessors are committed, and its tries are noted at its position', async () => {
  expect(kindsOf(await bench.handle(3, failing('m6'), RETRY))).toEqual(['done', 'failed', 'held']);
  expect(valuesOf(0)).toEqual(['words m5']);
  expect(bench.kafka.offset?.offset).toBe(6n);
  expect(noteOfText(bench.kafka.offset?.note)).toEqual({ inHand: true, crashes: 0, failures: 1 });
  expect(await bench.acquired()).toEqual({ attempt: 2 });
  await bench.handle(1, echo);
  expect(noteOfText(bench.kafka.offset?.note).failures).toBe(0);
});

test('trap 41: one that gives up is a dead letter in the transaction that passes it', async () => {
  expect(kindsOf(await bench.handle(3, failing('m6'), DEAD))).toEqual(['done', 'failed', 'done']);
  expect(valuesOf(0)?.toSorted()).toEqual(['dead m6', 'words m5', 'words m7']);
  expect(bench.kafka.log[0]?.offsets?.at.get(0)?.offset).toBe(8n);
});

test('trap 48: what is sent once the handler has settled is refused', async () => {
  let late: (() => Promise<void>) | undefined;
  await bench.handle(1, ({ tx }) => {
    late = () => tx.send('other', { value: 'too late' });
  });
  await expect(late?.()).rejects.toMatchObject({ code: 'transaction-over' });
});

test('a transaction sees what it has published, others once it has committed, and nobody what was undone', async () => {
  const seen: unknown[] = [];
  const look = async (scope: Scope<KafkaTransaction>, word: string) => {
    seen.push(scope.tx.last(words, 'key'));
    await failing('m6')(scope, word);
  };
  await bench.handle(3, look, DEAD);
  expect(seen).toEqual([undefined, 'm5', undefined, 'm5']); // the first and the third run again without the second
  await bench.handle(0, () => {});
  await bench.acquired();
  await bench.handle(1, look);
  expect(seen.at(-1)).toBe('m7');
});

test('raw records go along, and a tombstone makes the key forgotten; nothing else is sent past `publish` to a topic that is remembered', async () => {
  await bench.handle(1, echo);
  await bench.acquired();
  const verdicts = await bench.handle(1, async ({ tx }) => {
    await tx.send('other', { key: 'k', value: new Uint8Array([1]), headers: { h: 'x' } });
    await expect(tx.send(WORDS, { key: 'key', value: 'no message' })).rejects.toMatchObject({ code: 'bad-option' });
    await expect(tx.send(WORDS, { value: null })).rejects.toMatchObject({ code: 'field-missing' });
    await tx.send(WORDS, { key: 'key', value: null });
    expect(tx.last(words, 'key')).toBeUndefined();
  });
  expect(kindsOf(verdicts)).toEqual(['done']);
  expect(bench.kafka.log[1]?.batches.map(({ topic: name, records }) => [name, records])).toEqual([
    ['other', [{ key: 'k', value: new Uint8Array([1]), headers: { h: 'x' } }]],
    [WORDS, [{ key: 'key', value: null, headers: {} }]],
  ]);
  await bench.acquired();
  await bench.handle(1, ({ tx }) => expect(tx.last(words, 'key')).toBeUndefined());
});

test('one identity is one message in a transaction, and two payloads under it are refused', async () => {
  const twice = async (scope: Scope<KafkaTransaction>, word: string) => {
    await bench.publish(scope, word);
    await bench.publish(scope, word);
    await expect(bench.publish(scope, word, 'another')).rejects.toMatchObject({ code: 'identity-conflict' });
  };
  expect(kindsOf(await bench.handle(1, twice))).toEqual(['done']);
  expect(valuesOf(0)).toEqual(['words m5']);
});

test('traps 19 and 50: of an unknown end nothing more is made until it is resolved, and no other transaction is that producer’s', async () => {
  bench.kafka.ends.push({ kind: 'unknown', error: new Error('cut') });
  await expect(bench.handle(1, echo)).rejects.toMatchObject({ code: 'commit-unknown', details: { unit: 'unit-1' } });
  expect(kindsOf(await bench.handle(1, echo))).toEqual(['lost']);
  expect(await bench.units.resolve('unit-1', () => bench.producers.get())).toBe('committed');
  expect(kindsOf(await bench.handle(1, echo))).toEqual(['moved']);
  await bench.ledger.release([{ partition: 'other', epoch: 1 }]);
  bench.kafka.offset = { offset: 6n, note: '' };
  await bench.acquired();
  await bench.handle(1, ({ tx }) => expect(tx.last(words, 'key')).toBe('m5'));
  expect(bench.kafka.log.map(({ producer }) => producer)).toEqual([1, 2]);
});

test.each([
  ['committed', { offset: 6n, note: '' }],
  ['aborted', { offset: 5n, note: '' }],
] as const)('trap 50: where the coordinator does not know any more, the position tells: %s', async (fate, offset) => {
  bench.kafka.ends.push({ kind: 'unknown', error: new Error('cut') });
  bench.kafka.said = 'over';
  await expect(bench.handle(1, echo)).rejects.toThrow();
  bench.kafka.offset = offset;
  expect(await bench.units.resolve('unit-1', () => bench.producers.get())).toBe(fate);
  expect(await bench.units.resolve('unit-1', () => bench.producers.get())).toBe('unknown');
});

test('a fenced producer is made anew; no message is to blame', async () => {
  bench.kafka.ends.push({ kind: 'aborted', because: 'fenced', error: new Error('INVALID_PRODUCER_EPOCH') });
  await expect(bench.handle(1, echo)).rejects.toMatchObject({ code: 'store-unavailable' });
  expect(kindsOf(await bench.handle(1, echo))).toEqual(['done']);
  expect(bench.kafka.log.map(({ producer }) => producer)).toEqual([1, 2]);
});

test('trap 47: a record that the brokers refuse blames its message alone', async () => {
  const refused = { kind: 'aborted', because: 'refused', error: new Error('MESSAGE_TOO_LARGE') } as const;
  bench.kafka.ends.push(refused, refused, { kind: 'committed' }, refused, refused); // together, twice; the first alone; the second alone, twice
  expect(kindsOf(await bench.handle(2, echo, DEAD))).toEqual(['done', 'failed']);
  expect(bench.kafka.offset?.offset).toBe(7n);
});
