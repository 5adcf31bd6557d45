import { expect, test } from 'vitest';
import { committedRecords } from './committed-records.ts';
import type { RawRecord } from './library.ts';

const inTransaction = (offset: number, producerId: string): RawRecord =>
  recordAt(offset, { batchContext: { firstOffset: `${offset}`, lastOffsetDelta: 0, producerId, inTransaction: true } });
const marker = (offset: number, producerId: string, commits: boolean): RawRecord => ({
  ...inTransaction(offset, producerId),
  key: Buffer.of(0, 0, 0, commits ? 1 : 0),
  isControlRecord: true,
});

function recordAt(offset: number, more: Partial<RawRecord> = {}): RawRecord {
  const batchContext = { firstOffset: `${offset}`, lastOffsetDelta: 0, producerId: '-1', inTransaction: false };
  return { offset: `${offset}`, timestamp: '5', key: null, value: Buffer.from(`v${offset}`), headers: {}, batchContext, ...more };
}

function offsets(messages: readonly RawRecord[], aborted: readonly (readonly [string, number])[], from = 0n) {
  const abortedTransactions = aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset: `${firstOffset}` }));
  const { records, next } = committedRecords({ partition: 0, messages, abortedTransactions }, from);
  return [records.map(({ offset }) => Number(offset)), Number(next)];
}

test('records of aborted transactions are left out, and those of others are not', () => {
  const messages = [inTransaction(0, 'a'), recordAt(1), marker(2, 'a', false), inTransaction(3, 'a'), marker(4, 'a', true)];
  expect(offsets(messages, [['a', 0]])).toEqual([[1, 3], 5]);
});

test('trap 29: of two transactions that were open at once both are left out, in whatever order they ended', () => {
  const messages = [
    inTransaction(10, 'b'),
    inTransaction(11, 'a'),
    marker(12, 'b', false),
    inTransaction(13, 'a'),
    marker(14, 'a', false),
    inTransaction(15, 'b'),
    marker(16, 'b', true),
  ];
  const both = [
    ['b', 9],
    ['a', 8],
  ] as const;
  expect(offsets(messages, both, 10n)).toEqual([[15], 17]);
  expect(offsets(messages, both.toReversed(), 10n)).toEqual([[15], 17]);
});

test('trap 29: one that began later and ended first does not hide the other', () => {
  const messages = [inTransaction(10, 'a'), inTransaction(11, 'b'), marker(12, 'b', false), inTransaction(13, 'a'), marker(14, 'a', false), recordAt(15)];
  expect(
    offsets(messages, [
      ['b', 11],
      ['a', 10],
    ]),
  ).toEqual([[15], 16]);
});

test('what comes before the offset that was asked for is left out, for batches come whole', () => {
  expect(offsets([recordAt(5), recordAt(6), recordAt(7)], [], 6n)).toEqual([[6, 7], 8]);
});

test('reading goes on behind a batch whose last records were compacted away', () => {
  const batchContext = { firstOffset: '5', lastOffsetDelta: 9, producerId: '-1', inTransaction: false };
  expect(offsets([recordAt(5, { batchContext })], [], 6n)).toEqual([[], 15]);
});

test('of a header that stands there twice the last counts; a record without key and value has none', () => {
  const { records } = committedRecords({ partition: 0, messages: [recordAt(1, { value: null, headers: { a: ['1', '2'], b: Buffer.from('3') } })] }, 0n);
  expect(records).toEqual([{ offset: 1n, key: null, value: null, headers: { a: '2', b: Buffer.from('3') }, atMs: 5 }]);
});
