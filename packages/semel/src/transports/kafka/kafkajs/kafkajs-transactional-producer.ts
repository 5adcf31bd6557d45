import type { TopicBatch, TransactionalProducer, TransactionContent, TransactionEnd, TransactionRecord } from '../kafka-client.ts';
import { sendOffsets } from './group-offset-requests.ts';
import { isEviction, isFenced, isRefusal } from './kafkajs-error.ts';
import type { Cluster, ProducedTopic, ProducerIdentity, TransactionBroker } from './library.ts';
import { patiently } from './patiently.ts';

const ALL_IN_SYNC = -1;

/** One producer: an id and an epoch, and how many records it has appended to each partition. */
export class KafkajsTransactionalProducer implements TransactionalProducer {
  readonly #cluster: Cluster;
  readonly #self: ProducerIdentity & { readonly transactionalId: string };
  readonly #coordinator: () => Promise<TransactionBroker>;
  readonly #sequences = new Map<string, number>();

  constructor(cluster: Cluster, self: ProducerIdentity & { readonly transactionalId: string }, coordinator: () => Promise<TransactionBroker>) {
    this.#cluster = cluster;
    this.#self = self;
    this.#coordinator = coordinator;
  }

  async commit({ batches, offsets }: TransactionContent): Promise<TransactionEnd> {
    try {
      await this.#join(batches, offsets?.place.group);
      if (offsets !== undefined) await this.#sendOffsets(offsets);
      for (const round of roundsOf(batches)) await this.#produce(round);
    } catch (error) {
      await this.#end(false).catch(() => {}); // the next producer ends it where this one cannot
      return { kind: 'aborted', because: causeOf(error), error };
    }
    return this.#commit();
  }

  async ask(): Promise<'committed' | 'over' | 'unknown'> {
    try {
      await this.#end(true);
      return 'committed';
    } catch (error) {
      return isFenced(error) ? 'over' : 'unknown';
    }
  }

  /** Once it was asked more than once a fence tells nothing of the first time. */
  async #commit(): Promise<TransactionEnd> {
    let asked = 1;
    try {
      await this.#end(true, () => asked++);
      return { kind: 'committed' };
    } catch (error) {
      return isFenced(error) && asked === 1 ? { kind: 'aborted', because: 'fenced', error } : { kind: 'unknown', error };
    }
  }

  async #end(transactionResult: boolean, tried?: () => void): Promise<void> {
    await patiently(async () => (await this.#coordinator()).endTxn({ ...this.#self, transactionResult }), tried);
  }

  /** The coordinator is told of every partition before anything is written to it, so that it can mark the end there. */
  async #join(batches: readonly TopicBatch[], groupId: string | undefined): Promise<void> {
    const topics = [...Map.groupBy(batches, ({ topic }) => topic)].map(([topic, of]) => ({ topic, partitions: [...new Set(of.map(({ partition }) => partition))] }));
    if (topics.length > 0) await patiently(async () => (await this.#coordinator()).addPartitionsToTxn({ ...this.#self, topics }));
    if (groupId !== undefined) await patiently(async () => (await this.#coordinator()).addOffsetsToTxn({ ...this.#self, groupId }));
  }

  async #sendOffsets({ place, at }: NonNullable<TransactionContent['offsets']>): Promise<void> {
    await patiently(async () => sendOffsets(await this.#cluster.findGroupCoordinator({ groupId: place.group }), this.#self, place, at));
  }

  async #produce(round: readonly TopicBatch[]): Promise<void> {
    const byLeader = Map.groupBy(round, ({ topic, partition }) => this.#leaderOf(topic, partition));
    try {
      await Promise.all([...byLeader].map(([leader, batches]) => this.#produceAt(leader, batches)));
    } catch (error) {
      await this.#cluster.refreshMetadata().catch(() => {});
      throw error;
    }
  }

  async #produceAt(nodeId: number, batches: readonly TopicBatch[]): Promise<void> {
    const broker = (await this.#cluster.findBroker({ nodeId })) as TransactionBroker;
    const topicData = [...Map.groupBy(batches, ({ topic }) => topic)].map(([topic, of]): ProducedTopic => ({ topic, partitions: of.map((batch) => this.#numbered(batch)) }));
    await broker.produce({ ...this.#self, acks: ALL_IN_SYNC, topicData });
  }

  #numbered({ topic, partition, records }: TopicBatch): ProducedTopic['partitions'][number] {
    const name = `${topic}/${partition}`;
    const firstSequence = this.#sequences.get(name) ?? 0;
    this.#sequences.set(name, (firstSequence + records.length) % 2 ** 31);
    return { partition, firstSequence, messages: records.map(messageOf) };
  }

  #leaderOf(topic: string, partition: number): number {
    return this.#cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
  }
}

/** At most one batch of a partition in each. */
function roundsOf(batches: readonly TopicBatch[]): readonly (readonly TopicBatch[])[] {
  const rounds: TopicBatch[][] = [];
  const depths = new Map<string, number>();
  for (const batch of batches) {
    const name = `${batch.topic}/${batch.partition}`;
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth + 1);
    rounds[depth] = [...(rounds[depth] ?? []), batch];
  }
  return rounds;
}

function messageOf({ key, value, headers }: TransactionRecord): ProducedTopic['partitions'][number]['messages'][number] {
  return { key, value: value instanceof Uint8Array ? Buffer.from(value) : value, headers };
}

function causeOf(error: unknown): 'evicted' | 'fenced' | 'refused' | 'failed' {
  if (isEviction(error)) return 'evicted';
  if (isFenced(error)) return 'fenced';
  return isRefusal(error) ? 'refused' : 'failed';
}
