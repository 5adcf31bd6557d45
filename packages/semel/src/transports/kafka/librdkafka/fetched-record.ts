import type { FetchedRecord } from '../kafka-client.ts';
import type { RdMessage } from './library.ts';

/** A record as librdkafka brings it. Of a header that stands there twice the last counts. */
export function recordOf({ offset, key = null, value, headers = [], timestamp = 0 }: RdMessage): FetchedRecord {
  return { offset: BigInt(offset), key: typeof key === 'string' ? Buffer.from(key) : key, value, headers: Object.assign({}, ...headers), atMs: timestamp };
}
