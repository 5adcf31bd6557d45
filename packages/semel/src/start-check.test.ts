import { describe, expect, test } from 'vitest';
import type { Consumer } from './consumer/consumer.ts';
import { type ConsumerOptions, policiesOf } from './consumer/consumer-options.ts';
import { localContract } from './contracts/local.ts';
import type { Contract } from './core/contract.ts';
import type { StandardSchema } from './core/standard-schema.ts';
import { topic } from './core/topic.ts';
import { CAPABLE } from './explain/capable-fixture.ts';
import type { Footing } from './explain/footing.ts';
import { createSemel } from './semel.ts';
import { checkFooting } from './start-check.ts';
import { memory } from './testing/index.ts';

const DAY_MS = 86_400_000;
const anything: StandardSchema<string, string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: String(value) }) } };
const words = topic('words', { schema: anything, id: (word) => word, key: (word) => word });
function footing(options: Pick<ConsumerOptions, 'guarantee' | 'order' | 'group' | 'onDeadLetter' | 'recordResult'>, more: Partial<Footing> = {}): Footing {
  const policies = policiesOf(words, { name: 'c', ...options }, false);
  const consumer: Consumer = { name: 'c', topic: words, guarantee: options.guarantee ?? 'exactly-once', policies, set: false, handler: () => {} };
  return { consumer, capabilities: CAPABLE, contract: localContract, retention: { inboxMs: 7 * DAY_MS, messagesMs: DAY_MS }, identity: 'stable', ...more };
}

/** A log whose positions move in the store's own transactions. */
const inPlace: Contract = { ...localContract, ordering: { value: 'partition', source: 'test' } };

/** A service that brings a message again for 23 days, as some do. */
const patient: Contract = { ...localContract, service: 'a patient service', redeliveryWindowMs: { value: 23 * DAY_MS, source: 'its documentation' } };

describe('what the parts cannot carry is refused at start-up', () => {
  test('trap 12: records that are kept for less time than the service redelivers, with the figure that would do', () => {
    expect(() => checkFooting(footing({}, { contract: patient }))).toThrow(
      expect.objectContaining({ code: 'window-too-short', details: { neededMs: 23 * DAY_MS, givenMs: 7 * DAY_MS } }),
    );
    expect(() => checkFooting(footing({}, { contract: patient }))).toThrow(/at least 1987200000/);
    checkFooting(footing({}, { contract: patient, retention: { inboxMs: 23 * DAY_MS, messagesMs: DAY_MS } }));
  });

  test('but not where no record is kept', () => {
    checkFooting(footing({ guarantee: 'at-least-once' }, { contract: patient }));
  });

  test.each([
    ['a store without a queue', footing({}, { capabilities: { ...CAPABLE, queue: false } })],
    ['a key that is to be held without a queue', footing({ onDeadLetter: 'hold-key' }, { contract: inPlace, capabilities: { ...CAPABLE, queue: false } })],
    ['a store without records', footing({}, { capabilities: { ...CAPABLE, inbox: false } })],
    ['results without records', footing({ recordResult: true }, { contract: inPlace, capabilities: { ...CAPABLE, inbox: false } })],
    [
      'a log over a store without positions',
      footing({}, { contract: { ...localContract, settlement: { value: 'position', source: 'test' } }, capabilities: { ...CAPABLE, positions: false } }),
    ],
    [
      'an order that was asked for and that the transport does not keep',
      footing({ order: 'key' }, { contract: { ...localContract, ordering: { value: 'none', source: 'test' } } }),
    ],
    ['handlers at once in a transaction that only collects', footing({ group: 'concurrent' }, { capabilities: { ...CAPABLE, transactions: 'collected' } })],
  ])('%s', (_what, refused) => {
    expect(() => checkFooting(refused)).toThrow(expect.objectContaining({ code: 'capability-missing' }));
  });

  test.each([
    ['what a service gives up before it is settled', { delivery: { value: 'at-most-once', source: 'test' } }, 'capability-missing', /each once at most/],
    [
      'a handler that may outlive what nothing prolongs',
      { deadline: { value: { defaultMs: 9_999, maxMs: null, prolonged: false, totalMs: null }, source: 'test' } },
      'deadline-too-short',
      /after 9s, for nothing prolongs it.*at most 9999/,
    ],
    [
      'trap 25: a handler that may outlive the last prolonging',
      { deadline: { value: { defaultMs: 1_000, maxMs: 5_000, prolonged: true, totalMs: 9_999 }, source: 'test' } },
      'deadline-too-short',
      /however often it is prolonged/,
    ],
  ] as const)('%s', (_what, facts, code, says) => {
    const refused = footing({}, { contract: { ...localContract, ...facts } });
    expect(() => checkFooting(refused)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says) }));
  });

  test('a lease may be shorter than the handler where a heartbeat prolongs it', () => {
    checkFooting(footing({}, { contract: { ...localContract, deadline: { value: { defaultMs: 1_000, maxMs: 5_000, prolonged: true, totalMs: null }, source: 'test' } } }));
  });

  test('an id that is minted anew, but not where no record is kept', () => {
    expect(() => checkFooting(footing({}, { identity: 'unstable' }))).toThrow(expect.objectContaining({ code: 'identity-unstable' }));
    checkFooting(footing({ guarantee: 'at-least-once' }, { identity: 'unstable' }));
    for (const identity of ['untried', 'given'] as const) checkFooting(footing({}, { identity }));
  });

  test('a topic that can be published to only', () => {
    expect(() => checkFooting(footing({}, { contract: undefined }))).toThrow(
      expect.objectContaining({ code: 'capability-missing', message: expect.stringContaining('can publish only') }),
    );
  });

  test('an order by default gives way where the transport keeps none', () => {
    checkFooting(footing({}, { contract: { ...localContract, ordering: { value: 'none', source: 'test' } } }));
  });
});

test('`start` refuses before it joins anything', async () => {
  const semel = createSemel({ name: 'shop', store: memory() });
  semel.consume(topic('clicks', { schema: anything, id: () => Math.random() }), { name: 'counter' }, () => {});
  await expect(semel.start()).rejects.toThrow(expect.objectContaining({ code: 'identity-unstable' }));
  expect(await semel.status()).toEqual([]);
  expect(semel.explain()).toMatchObject([{ consumer: 'counter', holds: false, refusals: [{ code: 'identity-unstable' }] }]);
  await semel.close();
});
