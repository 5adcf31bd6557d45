import { badOption } from '../../../core/options.ts';
import type { JoinRequest, KafkaClient, KafkaMember, KafkaProducer, MemberListener } from '../kafka-client.ts';
import type { Librdkafka, LibrdkafkaApi, LibrdkafkaConfig } from './library.ts';
import { LibrdkafkaMember } from './librdkafka-member.ts';
import { LibrdkafkaProducer } from './librdkafka-producer.ts';

/**
 * librdkafka as a client for `kafka`: native, the faster one, with cooperative rebalances and static membership. Each consumer has a thread of its own, and takes one of
 * libuv's while it waits for records: with many in a process raise `UV_THREADPOOL_SIZE`.
 *
 * @param library what `@confluentinc/kafka-javascript` exports
 * @throws SemelError `bad-option`
 * @example
 * kafka(librdkafka(KafkaJavascript, { 'bootstrap.servers': '127.0.0.1:9092' }));
 */
export function librdkafka(library: Librdkafka, config: LibrdkafkaConfig): KafkaClient {
  if (typeof config?.['bootstrap.servers'] !== 'string') throw badOption('librdkafka', 'bootstrap.servers', config?.['bootstrap.servers'], 'a text: host:port, host:port');
  const api = library as LibrdkafkaApi;
  return Object.freeze({
    name: 'librdkafka',
    capabilities: Object.freeze({ cooperativeRebalance: true, staticMembership: true, fencedTransactionOffsets: true }),
    producer: async (): Promise<KafkaProducer> => {
      const producer = new LibrdkafkaProducer(api, config);
      await producer.connect();
      return producer;
    },
    join: async (request: JoinRequest, listener: MemberListener): Promise<KafkaMember> => {
      const member = new LibrdkafkaMember(api, config, request, listener);
      await member.join();
      return member;
    },
  });
}
