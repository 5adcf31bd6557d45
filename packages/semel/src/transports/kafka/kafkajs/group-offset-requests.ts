import type { GroupOffset, GroupPlace } from '../kafka-client.ts';
import { throwRefusal } from './kafkajs-error.ts';
import type { Broker, ProducerIdentity } from './library.ts';
import { NO_TAGS, rawRequest } from './raw-request.ts';

/** The first version that carries generation and member id (KIP-447); Kafka has it since 2.5. */
const TXN_OFFSET_COMMIT = { key: 28, version: 3, name: 'TxnOffsetCommit' } as const;
/** The first version that can be told to wait for open transactions (KIP-447); Kafka has it since 2.5. */
const OFFSET_FETCH = { key: 9, version: 7, name: 'OffsetFetch' } as const;
const STABLE = 1;
const NO_LEADER_EPOCH = -1;
const NO_INSTANCE = 0;

/** The metadata of an offset begins with the topic's id: one of a topic that was made anew is none of this one's. */
export function metadataOf({ topicId }: GroupPlace, { note }: GroupOffset): string {
  return topicId + note;
}

/**
 * Puts offsets into a producer's transaction, under the member's generation. Rejects with the broker's word where the member was evicted, or the producer fenced.
 *
 * @see https://kafka.apache.org/protocol#The_Messages_TxnOffsetCommit
 */
export async function sendOffsets(
  coordinator: Broker,
  { transactionalId, producerId, producerEpoch }: ProducerIdentity & { readonly transactionalId: string },
  place: GroupPlace,
  at: ReadonlyMap<number, GroupOffset>,
): Promise<void> {
  const codes = await coordinator.connectionPool.send(
    rawRequest(
      TXN_OFFSET_COMMIT,
      (writer) => {
        writer.compactText(transactionalId).compactText(place.group).int64(BigInt(producerId)).int16(producerEpoch);
        writer.int32(place.generation).compactText(place.memberId).varint(NO_INSTANCE);
        return writer.compactArray([place.topic], (topic) => {
          writer.compactText(topic).compactArray([...at], ([partition, offset]) => {
            writer.int32(partition).int64(offset.offset).int32(NO_LEADER_EPOCH).compactText(metadataOf(place, offset)).varint(NO_TAGS);
          });
          writer.varint(NO_TAGS);
        });
      },
      (reader) => {
        reader.int32(); // throttling
        return reader.compactArray(() => {
          reader.compactText();
          const answers = reader.compactArray(() => {
            reader.int32();
            const code = reader.int16();
            reader.skipTags();
            return code;
          });
          reader.skipTags();
          return answers;
        });
      },
    ),
  );
  throwRefusal(codes.flat());
}

/** An offset as a group's coordinator has it; -1 where there is none. */
export interface StoredOffset {
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata: string;
}

/**
 * Reads a group's offsets. Rejects with the broker's word while a transaction is open that holds one of them.
 *
 * @see https://kafka.apache.org/protocol#The_Messages_OffsetFetch
 */
export async function readStableOffsets(coordinator: Broker, place: GroupPlace, partitions: readonly number[]): Promise<readonly StoredOffset[]> {
  const answer = await coordinator.connectionPool.send(
    rawRequest(
      OFFSET_FETCH,
      (writer) =>
        writer
          .compactText(place.group)
          .compactArray([place.topic], (topic) => {
            writer.compactText(topic).compactArray(partitions, (partition) => writer.int32(partition));
            writer.varint(NO_TAGS);
          })
          .int8(STABLE),
      (reader) => {
        reader.int32(); // throttling
        const topics = reader.compactArray(() => {
          reader.compactText();
          const found = reader.compactArray(() => {
            const [partition, offset] = [reader.int32(), reader.int64()];
            reader.int32(); // the leader's epoch
            const [metadata, code] = [reader.compactText() ?? '', reader.int16()];
            reader.skipTags();
            return { partition, offset, metadata, code };
          });
          reader.skipTags();
          return found;
        });
        return { found: topics.flat(), code: reader.int16() };
      },
    ),
  );
  throwRefusal([answer.code, ...answer.found.map(({ code }) => code)]);
  return answer.found;
}
