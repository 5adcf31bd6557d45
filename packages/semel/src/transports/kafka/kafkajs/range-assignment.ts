import { ByteReader, ByteWriter } from './bytes.ts';

/** The assignor's name, and its encoding, are those of the Java client's and librdkafka's: members with either can share a group. */
export const RANGE = 'range';

/** What a member says of itself when it joins: version 0 of the consumers' protocol. */
export function encodeSubscription(topic: string): Buffer {
  return new ByteWriter().int16(0).int32(1).text(topic).int32(0).bytes;
}

/** Runs of partitions, as even as can be, by the order of the members' ids. */
export function rangesOf(members: readonly string[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const share = Math.floor(partitions / members.length);
  const larger = partitions % members.length;
  const startOf = (index: number) => index * share + Math.min(index, larger);
  return new Map(members.toSorted().map((member, index) => [member, Array.from({ length: startOf(index + 1) - startOf(index) }, (_, step) => startOf(index) + step)]));
}

/** What the leader tells a member. */
export function encodeAssignment(topic: string, partitions: readonly number[]): Buffer {
  const writer = new ByteWriter().int16(0).int32(1).text(topic).int32(partitions.length);
  for (const partition of partitions) writer.int32(partition);
  return writer.int32(0).bytes;
}

/** The partitions of a topic that the leader gave. A member that nothing is given to may be told so with nothing at all. */
export function decodeAssignment(bytes: Buffer, topic: string): readonly number[] {
  const reader = new ByteReader(bytes);
  if (reader.left === 0) return [];
  reader.int16();
  const topics = Array.from({ length: reader.int32() }, () => ({ name: reader.text(), partitions: Array.from({ length: reader.int32() }, () => reader.int32()) }));
  return topics.flatMap(({ name, partitions }) => (name === topic ? partitions : []));
}
