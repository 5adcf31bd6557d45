import type { JoinRequest, KafkaCapabilities, KafkaClient, KafkaMember, KafkaProducer, KafkaTransactions, MemberListener, TransactionsOptions } from '../kafka-client.ts';
import { GroupMember } from './group-member.ts';
import { KafkajsProducer } from './kafkajs-producer.ts';
import { KafkajsTransactions } from './kafkajs-transactions.ts';
import { lentCluster } from './lent-cluster.ts';
import type { Kafkajs } from './library.ts';

/** kafkajs 2: JavaScript alone. */
export class KafkajsClient implements KafkaClient {
  readonly name = 'kafkajs';
  readonly capabilities: KafkaCapabilities = { cooperativeRebalance: false, staticMembership: false, fencedTransactionOffsets: true };
  readonly #kafka: Kafkajs;

  constructor(kafka: Kafkajs) {
    this.#kafka = kafka;
  }

  async producer(): Promise<KafkaProducer> {
    const producer = new KafkajsProducer(this.#kafka);
    await producer.connect();
    return producer;
  }

  async join(request: JoinRequest, listener: MemberListener): Promise<KafkaMember> {
    const member = new GroupMember(lentCluster(this.#kafka, request.group), request, listener);
    await member.join();
    return member;
  }

  transactions(options: TransactionsOptions): KafkaTransactions {
    return new KafkajsTransactions(this.#kafka, options);
  }
}
