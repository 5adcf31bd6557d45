import { SemelError } from '../../../core/errors.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import type { Broker } from './library.ts';
import { NO_TAGS, rawRequest } from './raw-request.ts';

/** A topic as its cluster describes it. */
export interface DescribedTopic {
  /** Another for a topic that is made anew under the same name. */
  readonly id: string;
  readonly partitions: number;
}

/** The first version in which a topic may be asked for by name and answers with its id; Kafka has it since 3.1. */
const METADATA = { key: 3, version: 12, name: 'Metadata' } as const;
const UNKNOWN_TOPIC = 3;

/**
 * Asks for a topic's id, which kafkajs does not know of.
 *
 * @returns undefined where there is no such topic
 * @throws SemelError `capability-missing` where the broker is too old to tell
 * @see https://kafka.apache.org/protocol#The_Messages_Metadata
 */
export async function describeTopic({ versions, connectionPool }: Broker, topic: string): Promise<DescribedTopic | undefined> {
  if ((versions?.[METADATA.key]?.maxVersion ?? 0) < METADATA.version) {
    throw new SemelError(
      'capability-missing',
      'kafka: these brokers do not tell ids of topics, so a topic made anew would be taken for the old one; use Apache Kafka 3.1 or later',
    );
  }
  return connectionPool.send(
    rawRequest(
      METADATA,
      (writer) => writeTopic(writer, topic),
      (reader) => readAnswer(reader, topic),
    ),
  );
}

function writeTopic(writer: ByteWriter, topic: string): ByteWriter {
  const noId = Buffer.alloc(16);
  return writer
    .compactArray([topic], (name) => writer.raw(noId).compactText(name).varint(NO_TAGS))
    .int8(0)
    .int8(0);
}

/** What an answer says of one topic. */
function readAnswer(reader: ByteReader, topic: string): DescribedTopic | undefined {
  reader.int32(); // throttling
  reader.compactArray(() => skipBroker(reader));
  reader.compactText(); // the cluster's id
  reader.int32(); // its controller
  const found = reader.compactArray(() => readTopic(reader)).find(({ name }) => name === topic);
  if (found === undefined || found.error === UNKNOWN_TOPIC) return undefined;
  if (found.error !== 0) throw new SemelError('transport-unavailable', `kafka: topic ${topic} cannot be described; the broker's error code is ${found.error}`);
  return { id: found.id, partitions: found.partitions };
}

function readTopic(reader: ByteReader): DescribedTopic & { readonly error: number; readonly name: string | null } {
  const error = reader.int16();
  const name = reader.compactText();
  const id = reader.take(16).toString('base64url');
  reader.take(1); // whether it is the brokers' own
  const partitions = reader.compactArray(() => skipPartition(reader)).length;
  reader.int32(); // what is allowed
  reader.skipTags();
  return { error, name, id, partitions };
}

function skipBroker(reader: ByteReader): void {
  reader.int32();
  reader.compactText();
  reader.int32();
  reader.compactText();
  reader.skipTags();
}

function skipPartition(reader: ByteReader): void {
  reader.int16();
  for (let field = 0; field < 3; field++) reader.int32(); // its number, its leader, and the leader's epoch
  for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32()); // replicas: all, in sync, offline
  reader.skipTags();
}
