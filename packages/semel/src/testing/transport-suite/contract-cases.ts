import assert from 'node:assert/strict';
import type { Contract } from '../../core/contract.ts';
import type { TransportCase } from './transport-case.ts';

const FACTS: Readonly<Record<Exclude<keyof Contract, 'service'>, (value: unknown) => boolean>> = {
  delivery: (value) => ['at-most-once', 'at-least-once', 'exactly-once'].includes(String(value)),
  ordering: (value) => ['none', 'key', 'partition', 'total'].includes(String(value)),
  settlement: (value) => ['one-by-one', 'position', 'in-transaction'].includes(String(value)),
  takenBack: (value) => ['lease', 'connection'].includes(String(value)),
  duplicates: (value) => Array.isArray(value) && value.every((duplicate) => DUPLICATES.includes(duplicate)),
  redeliveryWindowMs: isFigureOrNull,
  redelivery: (value) => Array.isArray(value) && value.every(({ place, maxMs }) => isSentence(place) && isFigureOrNull(maxMs)),
  deadline: isDeadlineOrNull,
  delayedRetry: isBoolean,
  countsAttempts: isBoolean,
  attempts: hasMembers({ most: isFigureOrNull, then: (value) => ['dead-letter', 'dropped', 'blocks', 'kept'].includes(String(value)) }),
  retention: hasMembers({ defaultMs: isFigureOrNull, maxMs: isFigureOrNull }),
  dedupWindowMs: isFigureOrNull,
  dedupKey: isSentence,
  messageId: isSentence,
  fencedAcknowledgement: isBoolean,
  maxMessageBytes: isFigureOrNull,
  maxBatch: isFigureOrNull,
  maxInFlight: isFigureOrNull,
  batchPublish: isBatchReply,
  batchSettlement: isBatchReply,
  acknowledgement: isSentence,
  publishReply: isSentence,
};

const DUPLICATES: readonly unknown[] = ['unsettled', 'settled', 'publish-retry', 'redrive', 'rebalance', 'spontaneous'];

/** The contract as data. */
export const contractCases: readonly TransportCase[] = [
  {
    name: 'states every fact of its contract, each with its source',
    sides: 'none',
    run: async ({ fixture: { transport } }) => {
      assert.ok(isSentence(transport.contract.service), 'service');
      for (const [name, holds] of Object.entries(FACTS)) {
        const fact = transport.contract[name as keyof typeof FACTS];
        assert.ok(fact !== undefined && holds(fact.value), `${name} is ${JSON.stringify(fact)}`);
        assert.ok(isSentence(fact.source), `${name} has no source`);
      }
    },
  },
  {
    name: 'has a name, and a publisher or a subscriber',
    sides: 'none',
    run: async ({ fixture: { transport } }) => {
      assert.match(transport.name, /^[a-z][a-z0-9._-]*$/);
      assert.ok(transport.publisher !== undefined || transport.subscriber !== undefined);
    },
  },
];

function isFigureOrNull(value: unknown): boolean {
  return value === null || (Number.isFinite(value) && (value as number) >= 0);
}

function isDeadlineOrNull(value: unknown): boolean {
  return value === null || hasMembers({ defaultMs: Number.isFinite, maxMs: isFigureOrNull, prolonged: isBoolean, totalMs: isFigureOrNull })(value);
}

function isBatchReply(value: unknown): boolean {
  return ['each', 'first-failure', 'whole', 'none'].includes(String(value));
}

/** Whether a value is an object whose members are as these say. */
function hasMembers(members: Readonly<Record<string, (value: unknown) => boolean>>): (value: unknown) => boolean {
  return (value) => typeof value === 'object' && value !== null && Object.entries(members).every(([name, holds]) => holds((value as Record<string, unknown>)[name]));
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isSentence(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
