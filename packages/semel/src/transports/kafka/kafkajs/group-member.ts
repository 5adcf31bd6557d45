import { markStart } from '../group-marks.ts';
import type { JoinRequest, KafkaMember, MemberListener } from '../kafka-client.ts';
import { type DescribedTopic, describeTopic } from './described-topic.ts';
import { KafkajsGroupRecord } from './group-record.ts';
import { type End, Heart } from './heart.ts';
import { isEviction, isForgotten, isMoved, isRebalance, unavailable } from './kafkajs-error.ts';
import type { Broker, Cluster } from './library.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { decodeAssignment, encodeAssignment, encodeSubscription, RANGE, rangesOf } from './range-assignment.ts';
import { TopicReader } from './topic-reader.ts';

/** A place in the group, as long as a generation lasts. */
interface Place {
  coordinator: Broker;
  readonly memberId: string;
  readonly generation: number;
  readonly isLeader: boolean;
  readonly topic: DescribedTopic;
  readonly partitions: readonly number[];
}

const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 5_000;
const NO_MEMBER = '';

/**
 * A member of a group, by the eager protocol: when the group rebalances, all is given up, with what is in hand finished, before it joins again. It beats beside the
 * handlers, so that a long one costs no partition.
 */
export class GroupMember implements KafkaMember {
  readonly #cluster: Cluster;
  readonly #request: JoinRequest;
  readonly #listener: MemberListener;
  readonly #fetcher: PartitionFetcher;
  readonly #entered = Promise.withResolvers<void>();
  #place: Place | undefined;
  #memberId = NO_MEMBER;
  #heart: Heart | undefined;
  #life: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, request: JoinRequest, listener: MemberListener) {
    this.#cluster = cluster;
    this.#request = request;
    this.#listener = listener;
    const outOfRange = (partition: number, offset: bigint) => void this.#outOfRange(partition, offset);
    const trouble = (error: unknown) => {
      listener.trouble(error);
      void this.#checkTopic();
    };
    this.#fetcher = new PartitionFetcher(cluster, request.topic, request.fetchBytes, { fetched: (fetch) => listener.fetched(fetch), outOfRange, trouble });
  }

  /** Connects, joins, and resolves once the first partitions are taken over. Rejects with `transport-unavailable` where that cannot be. */
  async join(): Promise<void> {
    const { topic, marksStart, group, previousGroups } = this.#request;
    try {
      await this.#cluster.connect();
      await this.#cluster.addTargetTopic(topic);
      if (marksStart) await markStart(await this.#reader(), [group, ...previousGroups]);
      this.#life = this.#live();
      await this.#entered.promise;
    } catch (error) {
      await this.close();
      throw isSemelsOwn(error) ? error : unavailable(`group ${group} cannot be joined for topic ${topic}`, error);
    }
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    if (this.#place === undefined) throw new Error('the group was not joined yet');
    const { coordinator, memberId, generation, topic } = this.#place;
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset), metadata: topic.id }));
    await coordinator.offsetCommit({ groupId: this.#request.group, memberId, groupGenerationId: generation, topics: [{ topic: this.#request.topic, partitions }] });
  }

  async isStable(): Promise<boolean> {
    if (this.#place === undefined) return false;
    return this.#sendBeat(this.#place).then(
      () => true,
      () => false,
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#heart?.end('closing');
    await this.#life;
    this.#fetcher.close();
    if (this.#memberId !== NO_MEMBER) await this.#place?.coordinator.leaveGroup({ groupId: this.#request.group, memberId: this.#memberId }).catch(() => {}); // the group finds out by itself
    await this.#cluster.disconnect();
  }

  /** One generation after another. */
  async #live(): Promise<void> {
    for (let failures = 0; this.#closing === undefined; ) {
      try {
        await this.#generation();
        failures = 0;
      } catch (error) {
        if (isForgotten(error)) this.#memberId = NO_MEMBER;
        const isUsual = isRebalance(error) || isEviction(error) || isMoved(error);
        if (!isUsual) this.#entered.reject(error);
        if (!isUsual || failures > 2) this.#listener.trouble(error);
        await this.#request.runtime.scheduler.sleep(Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** failures++));
      }
    }
  }

  async #generation(): Promise<void> {
    const place = await this.#enter();
    this.#place = place;
    const { heartbeatMs, runtime } = this.#request;
    const heart = new Heart(runtime.scheduler, heartbeatMs, () => this.#beat(place));
    this.#heart = heart;
    if (this.#closing !== undefined) heart.end('closing');
    try {
      await this.#takeOver(place, heart);
      this.#entered.resolve();
      await this.#giveUp(place, await heart.ended);
    } finally {
      heart.stop();
    }
  }

  async #enter(): Promise<Place> {
    const { group: groupId, topic, sessionTimeoutMs: sessionTimeout, rebalanceTimeoutMs: rebalanceTimeout } = this.#request;
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId });
    const groupProtocols = [{ name: RANGE, metadata: encodeSubscription(topic) }];
    const { memberId, leaderId, generationId, members } = await coordinator.joinGroup({ groupId, sessionTimeout, rebalanceTimeout, memberId: this.#memberId, groupProtocols });
    this.#memberId = memberId;
    const isLeader = memberId === leaderId;
    await this.#cluster.refreshMetadata();
    const described = await this.#describe(coordinator);
    const groupAssignment = isLeader ? this.#assign(members, described) : [];
    const { memberAssignment } = await coordinator.syncGroup({ groupId, memberId, generationId, groupAssignment });
    return { coordinator, memberId, generation: generationId, isLeader, topic: described, partitions: decodeAssignment(memberAssignment, topic) };
  }

  #assign(members: readonly { readonly memberId: string }[], { partitions }: DescribedTopic): readonly { readonly memberId: string; readonly memberAssignment: Buffer }[] {
    const ranges = rangesOf(
      members.map(({ memberId }) => memberId),
      partitions,
    );
    return [...ranges].map(([memberId, range]) => ({ memberId, memberAssignment: encodeAssignment(this.#request.topic, range) }));
  }

  async #describe(broker: Broker): Promise<DescribedTopic> {
    const described = await describeTopic(broker, this.#request.topic);
    if (described === undefined) throw unavailable(`topic ${this.#request.topic}`, new Error('there is no such topic'));
    return described;
  }

  /** What the listener cannot take over now, because its store does not answer, it is asked to take over again. */
  async #takeOver(place: Place, heart: Heart): Promise<void> {
    const { partitions, topic } = place;
    const { scheduler } = this.#request.runtime;
    for (let waitMs = RETRY_BASE_MS; ; waitMs = Math.min(RETRY_CAP_MS, waitMs * 2)) {
      this.#fetcher.forget(partitions);
      try {
        return await this.#listener.assigned(partitions, topic.id, await this.#reader(place));
      } catch (error) {
        this.#listener.trouble(error);
        if (heart.over) return;
        await Promise.race([scheduler.sleep(waitMs), heart.ended]);
      }
    }
  }

  async #giveUp({ partitions }: Place, end: End): Promise<void> {
    this.#fetcher.forget(partitions);
    if (end === 'evicted' || end === 'topic-anew') await this.#listener.lost(partitions);
    else await this.#listener.revoked(partitions);
  }

  async #beat(place: Place): Promise<End | undefined> {
    const { group: groupId } = this.#request;
    try {
      await this.#sendBeat(place);
      return await this.#topicChange(place);
    } catch (error) {
      if (isEviction(error)) return 'evicted';
      if (isRebalance(error)) return 'rebalance';
      if (!isMoved(error)) this.#listener.trouble(error);
      place.coordinator = await this.#cluster.findGroupCoordinator({ groupId }).catch(() => place.coordinator);
      return undefined;
    }
  }

  async #sendBeat({ coordinator, memberId, generation }: Place): Promise<void> {
    await coordinator.heartbeat({ groupId: this.#request.group, memberId, groupGenerationId: generation });
  }

  /** Whether it is another topic under the same name by now; whether it has more partitions is for the leader to see. */
  async #topicChange({ coordinator, topic, isLeader }: Place): Promise<End | undefined> {
    const now = await describeTopic(coordinator, this.#request.topic);
    if (now === undefined) throw new Error(`topic ${this.#request.topic} is gone`);
    if (now.id !== topic.id) return 'topic-anew';
    return isLeader && now.partitions !== topic.partitions ? 'topic-changed' : undefined;
  }

  async #checkTopic(): Promise<void> {
    const place = this.#place;
    const end = place && (await this.#topicChange(place).catch(() => undefined));
    if (end !== undefined && this.#place === place) this.#heart?.end(end);
  }

  /** An offset of another topic is none of this one's: that is looked at first. */
  async #outOfRange(partition: number, offset: bigint): Promise<void> {
    await this.#checkTopic();
    if (this.#heart?.over !== true) this.#listener.outOfRange(partition, offset);
  }

  async #reader(place?: Place): Promise<TopicReader> {
    const { group, topic } = this.#request;
    const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group });
    const { id: topicId } = place?.topic ?? (await this.#describe(coordinator));
    const parts = { cluster: this.#cluster, coordinator, fetcher: this.#fetcher, topic, topicId, group };
    if (place === undefined) return new TopicReader(parts);
    const { memberId, generation } = place;
    return new TopicReader({ ...parts, record: new KafkajsGroupRecord(this.#cluster, { group, memberId, generation, topic, topicId }) });
  }
}

function isSemelsOwn(error: unknown): boolean {
  return error instanceof Error && error.name === 'SemelError';
}
