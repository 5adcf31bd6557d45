import { kafkaContract } from '../../contracts/kafka.ts';
import { kafkaTransactionsContract } from '../../contracts/kafka-transactions.ts';
import type { Contract } from '../../core/contract.ts';
import type { Feed, SubscribeOptions, Subscriber } from '../../core/transport.ts';
import type { Wire } from '../../core/wire.ts';
import type { JoinRequest, KafkaClient, KafkaMember, MemberListener } from '../../transports/kafka/kafka-client.ts';
import type { ReadingOptions } from '../../transports/kafka/kafka-options.ts';
import { KafkaSubscriber } from '../../transports/kafka/kafka-subscriber.ts';
import type { GroupLedger } from './group-ledger.ts';

/** What a route of the store promises. A handler has no deadline at the brokers: the transaction is begun once it has returned. */
export function routeContract(maxMessageBytes: number): Contract {
  const { deadline, maxMessageBytes: bytes } = kafkaContract(maxMessageBytes);
  return { ...kafkaTransactionsContract, deadline, maxMessageBytes: bytes };
}

/** Reads topics whose positions are the offsets of the group, moved by the store's transactions. */
export class LedgerSubscriber implements Subscriber {
  readonly #client: KafkaClient;
  readonly #wire: Wire;
  readonly #reading: ReadingOptions;
  readonly #ledgerOf: (topic: string, options: SubscribeOptions) => Promise<GroupLedger>;
  readonly #subscribers = new Set<KafkaSubscriber>();

  constructor(client: KafkaClient, wire: Wire, reading: ReadingOptions, ledgerOf: (topic: string, options: SubscribeOptions) => Promise<GroupLedger>) {
    this.#client = client;
    this.#wire = wire;
    this.#reading = reading;
    this.#ledgerOf = ledgerOf;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const ledger = await this.#ledgerOf(topic, options);
    const subscriber = new KafkaSubscriber(enteringLedger(this.#client, ledger), this.#wire, this.#reading);
    this.#subscribers.add(subscriber);
    return subscriber.subscribe(topic, { ...options, assigned: (partitions) => ledger.acquire(partitions), released: (partitions) => ledger.release(partitions) });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscribers].map((subscriber) => subscriber.close()));
    this.#subscribers.clear();
  }
}

/** The client, with each generation told to the ledger first. The offsets are the ledger's: nothing else tells the group any. */
function enteringLedger(client: KafkaClient, ledger: GroupLedger): KafkaClient {
  return {
    name: client.name,
    capabilities: client.capabilities,
    producer: () => client.producer(),
    join: async (request: JoinRequest, listener: MemberListener): Promise<KafkaMember> => {
      const member = await client.join(request, {
        assigned: async (numbers, topicId, reader) => {
          ledger.enter(numbers, reader);
          await listener.assigned(numbers, topicId, reader);
        },
        revoked: (numbers) => listener.revoked(numbers),
        lost: (numbers) => listener.lost(numbers),
        fetched: (fetch) => listener.fetched(fetch),
        outOfRange: (partition, offset) => listener.outOfRange(partition, offset),
        trouble: (error) => listener.trouble(error),
      });
      return { commit: async () => {}, isStable: () => member.isStable(), close: () => member.close() };
    },
  };
}
