import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type LibrdkafkaConfig, librdkafka } from 'semel/kafka';
import { readableFolder, servicesFolder } from '../../../../scripts/services/folders.ts';
import { librdkafkaRelease } from '../../../../scripts/services/kafka-librdkafka.ts';

const require = createRequire(import.meta.url);

/** The folder of the built library; it takes minutes where it is not kept from before. */
export function builtLibrdkafka(): Promise<string> {
  return librdkafkaRelease(readableFolder(join(servicesFolder(), 'cache')));
}

/** A client of the library in this folder; it says nothing. */
export function librdkafkaClient(folder: string, url: string, config: LibrdkafkaConfig = {}): ReturnType<typeof librdkafka> {
  return librdkafka(require(folder), { 'bootstrap.servers': url, log_level: 0, 'topic.metadata.refresh.interval.ms': 500, ...config });
}
