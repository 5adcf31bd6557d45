import type { TransactionRecord } from './kafka-client.ts';

/** A batch's own fields, and at most those of a record in it. */
const BATCH_BYTES = 61;
const RECORD_BYTES = 26;
/** A length as it is written, at most. */
const LENGTH_BYTES = 5;

/**
 * The bytes of a record as the only one of its batch, uncompressed; a few more where its lengths are short.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
export function bytesOf({ key, value, headers }: TransactionRecord): number {
  const texts = [key ?? '', value ?? '', ...Object.entries(headers).flat()];
  return texts.reduce((sum, text) => sum + LENGTH_BYTES + Buffer.byteLength(text), BATCH_BYTES + RECORD_BYTES);
}
