import { SemelError } from '../../../core/errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Broker, RawRequest } from './library.ts';

/** A topic as its cluster describes it. */
export interface DescribedTopic {
  /** Another for a topic that is made anew under the same name. */
  readonly id: string;
  readonly partitions: number;
}

const METADATA = 3;
/** The first in which a topic may be asked for by name and answers with its id; Kafka has it since 3.1. */
const VERSION = 12;
const UNKNOWN_TOPIC = 3;

/**
 * Asks for a topic's id, which kafkajs does not know of.
 *
 * @returns undefined where there is no such topic
 * @throws SemelError `capability-missing` where the broker is too old to tell
 * @see https://kafka.apache.org/protocol#The_Messages_Metadata
 */
export async function describeTopic({ versions, connectionPool }: Broker, topic: string): Promise<DescribedTopic | undefined> {
  if ((versions?.[METADATA]?.maxVersion ?? 0) < VERSION) {
    throw new SemelError(
      'capability-missing',
      'kafka: these brokers do not tell ids of topics, so a topic made anew would be taken for the old one; use Apache Kafka 3.1 or later',
    );
  }
  return connectionPool.send(requestOf(topic));
}

function requestOf(topic: string): RawRequest<DescribedTopic | undefined> {
  const bytes = encodeRequest(topic);
  return {
    request: { apiKey: METADATA, apiVersion: VERSION, apiName: 'Metadata', encode: async () => ({ buf: bytes, buffer: bytes }) },
    response: { decode: async (answer) => decodeAnswer(answer, topic), parse: async (described) => described },
  };
}

/** The header of this version ends with tags, which kafkajs does not write: they come first. */
function encodeRequest(topic: string): Buffer {
  const noTags = 0;
  const noId = Buffer.alloc(16);
  return new ByteWriter().varint(noTags).varint(2).raw(noId).compactText(topic).varint(noTags).int8(0).int8(0).varint(noTags).bytes;
}

/** What an answer says of one topic. */
function decodeAnswer(answer: Buffer, topic: string): DescribedTopic | undefined {
  const reader = new ByteReader(answer);
  reader.skipTags();
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
