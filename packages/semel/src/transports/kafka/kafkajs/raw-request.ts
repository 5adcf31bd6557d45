import { ByteReader, ByteWriter } from './bytes.ts';
import type { RawRequest } from './library.ts';

/** A kind of request, and the version of it that is spoken. */
export interface Api {
  readonly key: number;
  readonly version: number;
  readonly name: string;
}

/** Stands where tags may stand, and there are none. */
export const NO_TAGS = 0;

/**
 * A request that kafkajs does not know, of a version whose header ends with tags. kafkajs writes none: they come first.
 *
 * @see https://kafka.apache.org/protocol#protocol_messages
 */
export function rawRequest<Answer>({ key, version, name }: Api, write: (writer: ByteWriter) => ByteWriter, read: (reader: ByteReader) => Answer): RawRequest<Answer> {
  const { bytes } = write(new ByteWriter().varint(NO_TAGS)).varint(NO_TAGS);
  return {
    request: { apiKey: key, apiVersion: version, apiName: name, encode: async () => ({ buf: bytes, buffer: bytes }) },
    response: { decode: async (answer) => read(afterHeader(answer)), parse: async (decoded) => decoded },
  };
}

function afterHeader(answer: Buffer): ByteReader {
  const reader = new ByteReader(answer);
  reader.skipTags();
  return reader;
}
