import { expect, test } from 'vitest';
import type { Consumer } from '../consumer/consumer.ts';
import { type ConsumerOptions, policiesOf } from '../consumer/consumer-options.ts';
import { CONTRACTS, type ContractName } from '../contracts/index.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { type AnyTopic, topic } from '../core/topic.ts';
import type { Transport } from '../core/transport.ts';
import { CAPABLE } from './capable-fixture.ts';
import { type Explanation, explain } from './explanation.ts';
import type { ServiceParts } from './footing.ts';
import { mermaidOf } from './mermaid.ts';

const DAY_MS = 86_400_000;
const anything: StandardSchema<string, string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: String(value) }) } };
const words = topic('words', { schema: anything, id: (word) => word, key: (word) => word });
const echoes = topic('echoes', { schema: anything });
function consumerOf(of: AnyTopic, options: ConsumerOptions): Consumer {
  return { name: options.name, topic: of, guarantee: options.guarantee ?? 'exactly-once', policies: policiesOf(of, options, false), set: false, handler: () => {} };
}

function carrier(name: ContractName, sides: Pick<Transport, 'publisher' | 'subscriber'>): Transport {
  return { name: 'carrier', contract: CONTRACTS[name], ...sides };
}

const subscriber = { subscribe: () => Promise.reject(new Error('no I/O')), close: async () => {} };
const publisher = { keepsKeyOrder: true, publish: () => Promise.reject(new Error('no I/O')), close: async () => {} };

function serviceWith(routes: Readonly<Record<string, Transport>> = {}, more: Partial<ServiceParts> = {}): ServiceParts {
  const byTopic = new Map(Object.entries(routes).map(([name, transport]) => [name, [transport]]));
  return { name: 'shop', store: { name: 'sqlite', capabilities: CAPABLE }, routes: byTopic, retention: { inboxMs: 30 * DAY_MS, messagesMs: 7 * DAY_MS }, ...more };
}

function wordsOf({ steps, assumptions }: Explanation): string {
  return [...steps, ...assumptions].map(({ says }) => says).join('\n');
}

test('a local topic: in the transaction, with nothing to acknowledge', () => {
  const explanation = explain(consumerOf(words, { name: 'counter' }), serviceWith(), []);
  expect(explanation).toMatchObject({
    holds: true,
    way: 'in the transaction',
    horizon: { comesAgainMs: 0, recordsKeptMs: 30 * DAY_MS },
    route: { service: 'shop', store: 'sqlite' },
  });
  expect(wordsOf(explanation)).toContain('The row of the queue goes in it too');
  expect(wordsOf(explanation)).toContain('Nobody publishes an event of words again later than 30d after it was handled.');
});

test('a log: by position, and a record for what a producer wrote twice', () => {
  const explanation = explain(consumerOf(words, { name: 'counter' }), serviceWith({ words: carrier('kafka', { subscriber, publisher }) }), []);
  expect(explanation).toMatchObject({ holds: true, way: 'by position' });
  expect(wordsOf(explanation)).toContain('under the epoch of its owner');
  expect(wordsOf(explanation)).toContain('Apache Kafka does not know it again, so it may be there twice.');
});

test('from Kafka to Kafka: the position in the transaction of what is published, no record, and so nothing that would know a message again', () => {
  const store = {
    name: 'kafka',
    capabilities: { ...CAPABLE, transactions: 'collected', enlist: false, inbox: false, queue: false, positions: false, replays: false },
  } as const;
  const routes = { words: carrier('kafka-transactions', { subscriber, publisher }), echoes: carrier('kafka-transactions', { subscriber, publisher }) };
  const consumer = consumerOf(words, { name: 'counter', publishes: [echoes] });
  const explanation = explain(consumer, serviceWith(routes, { store }), []);
  expect(explanation).toMatchObject({ holds: true, way: 'in the transaction' });
  expect(explanation.horizon).toBeUndefined();
  expect(wordsOf(explanation)).toContain('What the handler publishes and the position commit in one transaction of kafka.');
  expect(wordsOf(explanation)).toContain('No producer writes an event of words twice');
  expect(wordsOf(explanation)).not.toMatch(/outbox|queue|records are kept/);
});

test('the relay has the time that records outlive redelivery', () => {
  const explanation = explain(consumerOf(words, { name: 'counter', timeoutMs: 1_000 }), serviceWith({ words: carrier('eventbridge', { subscriber, publisher }) }), []);
  expect(explanation.assumptions).toContainEqual(expect.objectContaining({ says: expect.stringContaining('The relay is not away for longer than 15d'), figureMs: 15 * DAY_MS }));
});

test('at-most-once leads to no way, at-least-once keeps no record', () => {
  const lossy = explain(consumerOf(words, { name: 'metrics', guarantee: 'at-most-once' }), serviceWith(), []);
  expect([lossy.way, lossy.horizon?.recordsKeptMs]).toEqual([undefined, 30 * DAY_MS]);
  const repeated = explain(consumerOf(words, { name: 'cache', guarantee: 'at-least-once' }), serviceWith(), []);
  expect([repeated.way, repeated.horizon]).toEqual(['naturally', undefined]);
  expect(wordsOf(repeated)).not.toContain('The `id` of topic');
});

test('records that are kept for ever have no figure', () => {
  const explanation = explain(consumerOf(words, { name: 'counter' }), serviceWith({}, { retention: { inboxMs: Number.POSITIVE_INFINITY, messagesMs: DAY_MS } }), []);
  expect(wordsOf(explanation)).toContain('records are kept for ever');
  expect(wordsOf(explanation)).not.toMatch(/Infinity|NaN/);
});

test('a store that dies with its process says so', () => {
  const explanation = explain(consumerOf(words, { name: 'counter' }), serviceWith({}, { store: { name: 'memory', capabilities: { ...CAPABLE, durable: false } } }), []);
  expect(wordsOf(explanation)).toContain('so this is for tests');
});

test('producers and what follows are found among the consumers of the service', () => {
  const first = consumerOf(words, { name: 'echo', publishes: [echoes] });
  const second = consumerOf(echoes, { name: 'listener' });
  const [from, to] = [first, second].map((consumer) => explain(consumer, serviceWith(), [first, second]));
  expect(from?.route.onward).toEqual([{ topic: 'echoes', consumers: ['listener'], transports: [] }]);
  expect(to?.route.producers).toEqual(['echo']);
  expect(to && wordsOf(to)).toContain('is not declared for all of its types: each publish brings an id');
});

test('every contract can be explained, in whole sentences without holes', () => {
  for (const name of Object.keys(CONTRACTS) as ContractName[]) {
    const explanation = explain(consumerOf(words, { name: 'counter', timeoutMs: 1_000 }), serviceWith({ words: carrier(name, { subscriber, publisher }) }), []);
    for (const { says } of [...explanation.steps, ...explanation.assumptions]) {
      expect(says, name).toMatch(/^[A-Z].*\.$/s);
      expect(says, name).not.toMatch(/undefined|null|NaN|Infinity|\[object|\.\.|;\s*\./);
    }
  }
});

test('no name breaks the picture, and what is refused is marked', () => {
  const explanation = explain(consumerOf(words, { name: 'a-b.c' }), serviceWith({ words: carrier('github-webhooks', { subscriber }) }, { name: 'shop' }), []);
  const picture = mermaidOf([{ ...explanation, topic: 'a "quoted" <topic>' }]);
  expect(picture).toContain('(["a #quot;quoted#quot; #lt;topic#gt;"])');
  expect(picture).toContain('consumer_a_45_b_46_c["a-b.c<br/>exactly-once, in the transaction"]:::refused');
  expect(picture.split('\n').filter((line) => (line.match(/"/g)?.length ?? 0) % 2 === 1)).toEqual([]);
});
