import assert from 'node:assert/strict';
import type { Contract } from '../../core/contract.ts';
import type { TransportCase } from './transport-case.ts';

const FACTS: Readonly<Record<Exclude<keyof Contract, 'service'>, (value: unknown) => boolean>> = {
  delivery: (value) => ['at-most-once', 'at-least-once', 'exactly-once'].includes(String(value)),
  ordering: (value) => ['none', 'key', 'partition', 'total'].includes(String(value)),
  settlement: (value) => ['one-by-one', 'position', 'in-transaction'].includes(String(value)),
  takenBack: (value) => ['lease', 'connection'].includes(String(value)),
  redeliveryWindowMs: isMsOrNull,
  delayedRetry: isBoolean,
  countsAttempts: isBoolean,
  dedupWindowMs: isMsOrNull,
  fencedAcknowledgement: isBoolean,
  maxMessageBytes: isMsOrNull,
  acknowledgement: isSentence,
  publishReply: isSentence,
};

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

function isMsOrNull(value: unknown): boolean {
  return value === null || (Number.isFinite(value) && (value as number) >= 0);
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isSentence(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
