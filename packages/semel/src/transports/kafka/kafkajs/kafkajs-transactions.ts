import type { FetchedRecord, KafkaTransactions, TransactionalProducer, TransactionsOptions } from '../kafka-client.ts';
import { unavailable } from './kafkajs-error.ts';
import { partitionsOf } from './kafkajs-producer.ts';
import { KafkajsTransactionalProducer } from './kafkajs-transactional-producer.ts';
import { lentCluster } from './lent-cluster.ts';
import type { Cluster, Kafkajs, TransactionBroker } from './library.ts';
import { scanPartition } from './partition-scan.ts';
import { patiently } from './patiently.ts';

const TRANSACTION = 1;

/**
 * Transactions by the brokers' own requests. kafkajs's producer is not used: it sends a group's offsets without generation and member id, so that a zombie's are taken,
 * and keeps its number after a reply was lost, so that a late EndTxn would end the next transaction (KIP-890).
 */
export class KafkajsTransactions implements KafkaTransactions {
  readonly #options: TransactionsOptions;
  readonly #cluster: Cluster;

  constructor(kafka: Kafkajs, options: TransactionsOptions) {
    this.#options = options;
    this.#cluster = lentCluster(kafka, 'semel');
  }

  async producer(): Promise<TransactionalProducer> {
    const { transactionalId, timeoutMs: transactionTimeout } = this.#options;
    const coordinator = async () => (await this.#cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: TRANSACTION })) as TransactionBroker;
    try {
      await this.#cluster.connect();
      const { producerId, producerEpoch } = await patiently(async () => (await coordinator()).initProducerId({ transactionalId, transactionTimeout }));
      return new KafkajsTransactionalProducer(this.#cluster, { transactionalId, producerId, producerEpoch }, coordinator);
    } catch (error) {
      throw unavailable(`no transaction of ${transactionalId} can be begun`, error, 'store-unavailable');
    }
  }

  async partitionsOf(topic: string): Promise<number> {
    await this.#cluster.connect();
    return partitionsOf(this.#cluster, topic, 'store-unavailable');
  }

  async *scan(topic: string, partition: number): AsyncGenerator<readonly FetchedRecord[]> {
    await this.#cluster.connect();
    yield* scanPartition(this.#cluster, topic, partition);
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }
}
