import type { Fetch, FetchedRecord } from '../kafka-client.ts';
import type { FetchedPartition, RawRecord } from './library.ts';

type Aborted = NonNullable<FetchedPartition['abortedTransactions']>[number];

/** Ends an aborted transaction: version 0, type 0. */
const ABORT_MARKER = Buffer.of(0, 0, 0, 0);

/**
 * What is committed of a fetch. kafkajs's own filter lets records of an aborted transaction through where two of them were open at once: it takes them
 * in the order of their ends, and steps into one at a time.
 *
 * @see https://kafka.apache.org/protocol#The_Messages_Fetch, `aborted_transactions`
 */
export function committedRecords({ partition, messages, abortedTransactions }: FetchedPartition, from: bigint): Fetch {
  const begins = [...(abortedTransactions ?? [])].sort(byBegin);
  const open = new Set<string>();
  const records: FetchedRecord[] = [];
  let next = from;
  for (const message of messages) {
    const offset = BigInt(message.offset);
    while (begins.length > 0 && BigInt((begins[0] as Aborted).firstOffset) <= offset) open.add((begins.shift() as Aborted).producerId);
    if (message.isControlRecord) endTransaction(message, open);
    else if (offset >= from && !isAborted(message, open)) records.push(recordOf(message, offset));
    next = max(next, endOf(message, offset));
  }
  return { partition, records, next };
}

function byBegin(one: Aborted, other: Aborted): number {
  return BigInt(one.firstOffset) < BigInt(other.firstOffset) ? -1 : 1;
}

function endTransaction({ key, batchContext }: RawRecord, open: Set<string>): void {
  if (key?.equals(ABORT_MARKER) && batchContext !== undefined) open.delete(batchContext.producerId);
}

function isAborted({ batchContext }: RawRecord, open: ReadonlySet<string>): boolean {
  return batchContext?.inTransaction === true && open.has(batchContext.producerId);
}

/** The end of its batch, which comes whole: compaction may have removed the batch's last records. */
function endOf({ batchContext }: RawRecord, offset: bigint): bigint {
  return batchContext === undefined ? offset + 1n : BigInt(batchContext.firstOffset) + BigInt(batchContext.lastOffsetDelta) + 1n;
}

function recordOf({ key, value, headers = {}, timestamp }: RawRecord, offset: bigint): FetchedRecord {
  const last = Object.entries(headers).map(([name, given]) => [name, Array.isArray(given) ? given.at(-1) : given]);
  return { offset, key, value, headers: Object.fromEntries(last), atMs: Number(timestamp) };
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
