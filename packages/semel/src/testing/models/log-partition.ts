import type { Delivery } from '../../core/delivery.ts';

/** A partition as one member reads it. */
export interface LogReading {
  readonly partition: number;
  readonly records: readonly Delivery['content'][];
  /** The offset of what is read next. */
  offset: number;
  epoch: number;
  /** Nothing is read before this time: a delayed retry. */
  resumeAtMs: number;
  /** The store's position is asked for again before the next read. */
  stale: boolean;
}

/** The partition that a key is in (FNV-1a). */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % partitions;
}

/** The next records of a partition, as deliveries. */
export function readOn(reading: LogReading, topic: string, max: number): Delivery[] {
  const first = reading.offset;
  const contents = reading.records.slice(first, first + max);
  reading.offset += contents.length;
  return contents.map((content, index) => ({
    topic,
    content,
    receipt: { kind: 'position', partition: String(reading.partition), from: String(first + index), to: String(first + index + 1), epoch: reading.epoch },
    attempt: 1,
  }));
}
