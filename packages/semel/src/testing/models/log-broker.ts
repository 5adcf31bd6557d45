import { Bell } from '../../core/bell.ts';
import type { Delivery } from '../../core/delivery.ts';
import type { SealedMessage } from '../../core/message.ts';
import { checkOptions, positiveInteger } from '../../core/options.ts';
import type { Feed, Publisher, SubscribeOptions, Subscriber, Transport } from '../../core/transport.ts';
import { LogGroup } from './log-group.ts';
import { LogMember } from './log-member.ts';
import { partitionOf } from './log-partition.ts';
import { LOG_CONTRACT } from './model-contracts.ts';
import { modelPublisher, type PublishFault } from './model-publisher.ts';

/** Options of {@link logBroker}. */
export interface LogBrokerOptions {
  /** Of each topic. @default 4 */
  readonly partitions?: number;
  /** What goes wrong with a publish. @default nothing */
  readonly publishFault?: PublishFault;
}

/** A log whose faults can be provoked. */
export interface LogBroker extends Transport {
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  /** Appends every record of the topic once more, as a producer does that retries after a lost reply. */
  appendAgain(topic: string): void;
  /** Puts bytes into a partition that no publisher of Semel's sent. */
  inject(topic: string, bytes: Uint8Array, partition?: number): void;
  /** Moves every partition of a consumer to its next member. */
  rebalance(topic: string, consumer: string): Promise<void>;
  /** Delivers again from an earlier offset of each partition, whatever the store's positions say. */
  rewind(topic: string, consumer: string, offset: number): void;
  /** Makes a member a zombie: the others take its partitions over, and it reads on under its old epochs. */
  cutOff(topic: string, consumer: string, member: Feed): Promise<void>;
}

/**
 * A model of partitioned logs: everything is kept, order holds within a partition, and members of a consumer share the partitions
 * among them. Where to read on is the consumer's own business.
 *
 * @example
 * const semel = createSemel({ name: 'shop', store: memory(), routes: { orders: logBroker({ partitions: 2 }) } });
 */
export function logBroker(options: LogBrokerOptions = {}): LogBroker {
  checkOptions('logBroker()', options, ['partitions', 'publishFault']);
  return new LogModel(positiveInteger('logBroker()', 'partitions', options.partitions ?? 4), options.publishFault);
}

interface LogTopic {
  readonly partitions: Delivery['content'][][];
  readonly groups: Map<string, LogGroup>;
  readonly bell: Bell;
}

class LogModel implements LogBroker {
  readonly name = 'log';
  readonly contract = LOG_CONTRACT;
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly #partitions: number;
  readonly #topics = new Map<string, LogTopic>();
  #keyless = 0;

  constructor(partitions: number, publishFault: PublishFault | undefined) {
    this.#partitions = partitions;
    this.publisher = modelPublisher((sealed) => this.#append(sealed), publishFault);
    this.subscriber = {
      subscribe: (topic, options) => this.#subscribe(topic, options),
      close: async () => {
        for (const { groups } of this.#topics.values()) for (const group of groups.values()) for (const member of group.members) await member.feed.close();
      },
    };
  }

  appendAgain(topic: string): void {
    const { partitions, bell } = this.#topic(topic);
    for (const records of partitions) records.push(...records);
    bell.ring();
  }

  inject(topic: string, bytes: Uint8Array, partition = 0): void {
    const { partitions, bell } = this.#topic(topic);
    partitions[partition]?.push({ bytes });
    bell.ring();
  }

  rebalance(topic: string, consumer: string): Promise<void> {
    return this.#group(topic, consumer).rebalance();
  }

  rewind(topic: string, consumer: string, offset: number): void {
    for (const member of this.#group(topic, consumer).members) for (const partition of member.partitions) member.rewind(partition, offset);
  }

  async cutOff(topic: string, consumer: string, member: Feed): Promise<void> {
    const group = this.#group(topic, consumer);
    const found = group.members.find(({ feed }) => feed === member);
    if (found !== undefined) await group.cutOff(found);
  }

  #append({ message, fingerprint, json }: SealedMessage): void {
    const { partitions, bell } = this.#topic(message.topic);
    const partition = message.key === undefined ? this.#keyless++ % this.#partitions : partitionOf(message.key, this.#partitions);
    partitions[partition]?.push({ message, fingerprint, json });
    bell.ring();
  }

  async #subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const { partitions, bell } = this.#topic(topic);
    const group = this.#group(topic, options.consumer);
    const joining = new LogMember(topic, partitions, options, bell, (member) => group.leave(member));
    await group.join(joining);
    return joining.feed;
  }

  #topic(name: string): LogTopic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { partitions: Array.from({ length: this.#partitions }, () => []), groups: new Map(), bell: new Bell() };
      this.#topics.set(name, topic);
    }
    return topic;
  }

  #group(topic: string, consumer: string): LogGroup {
    const { groups } = this.#topic(topic);
    let group = groups.get(consumer);
    if (group === undefined) {
      group = new LogGroup(this.#partitions);
      groups.set(consumer, group);
    }
    return group;
  }
}
