import type { WireRecord } from '../../core/wire-record.ts';
import type { FetchedRecord } from './kafka-client.ts';

const NOTHING = new Uint8Array();
const text = new TextDecoder();

/** A record as the wire reads it. One without a value (a tombstone) has an empty body. */
export function wireRecordOf({ key, value, headers, atMs }: FetchedRecord): WireRecord {
  const texts = Object.entries(headers).map(([name, of]) => [name.toLowerCase(), typeof of === 'string' ? of : text.decode(of)]);
  return { body: value ?? NOTHING, headers: Object.fromEntries(texts), atMs, ...(key === null ? {} : { key: text.decode(key) }) };
}
