import { describe, expect, test } from 'vitest';
import type { Consumer } from './consumer/consumer.ts';
import { policiesOf } from './consumer/consumer-options.ts';
import type { Contract } from './core/contract.ts';
import type { StandardSchema } from './core/standard-schema.ts';
import type { StoreCapabilities } from './core/store.ts';
import { topic } from './core/topic.ts';
import { checkFooting, type Footing } from './start-check.ts';
import { localContract } from './transports/local/local-contract.ts';

const DAY_MS = 86_400_000;
const anything: StandardSchema<string, string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: String(value) }) } };
const words = topic('words', { schema: anything, id: (word) => word, key: (word) => word });
const capable: StoreCapabilities = { transactions: 'interactive', durable: true, shared: true, enlist: true, queue: true, positions: true, journal: false, replays: true };

function footing(
  options: { readonly guarantee?: 'exactly-once' | 'at-least-once'; readonly order?: 'key' | 'none'; readonly group?: 'concurrent' },
  more: Partial<Footing> = {},
): Footing {
  const policies = policiesOf(words, { name: 'c', ...options }, false);
  const consumer: Consumer = { name: 'c', topic: words, guarantee: options.guarantee ?? 'exactly-once', policies, set: false, handler: () => {} };
  return { consumer, capabilities: capable, contract: localContract, retention: { inboxMs: 7 * DAY_MS, messagesMs: DAY_MS }, ...more };
}

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
    ['a store without a queue', footing({}, { capabilities: { ...capable, queue: false } })],
    [
      'a log over a store without positions',
      footing({}, { contract: { ...localContract, settlement: { value: 'position', source: 'test' } }, capabilities: { ...capable, positions: false } }),
    ],
    [
      'an order that was asked for and that the transport does not keep',
      footing({ order: 'key' }, { contract: { ...localContract, ordering: { value: 'none', source: 'test' } } }),
    ],
    ['handlers at once in a transaction that only collects', footing({ group: 'concurrent' }, { capabilities: { ...capable, transactions: 'collected' } })],
  ])('%s', (_what, refused) => {
    expect(() => checkFooting(refused)).toThrow(expect.objectContaining({ code: 'capability-missing' }));
  });

  test('an order by default gives way where the transport keeps none', () => {
    checkFooting(footing({}, { contract: { ...localContract, ordering: { value: 'none', source: 'test' } } }));
  });
});
