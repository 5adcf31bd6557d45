import { SemelError } from '../../../core/errors.ts';
import { markStart } from '../group-marks.ts';
import type { JoinRequest, KafkaMember, MemberListener, PartitionReader } from '../kafka-client.ts';
import { settingsOf } from './consumer-settings.ts';
import { recordOf } from './fetched-record.ts';
import { called, type LibrdkafkaApi, type LibrdkafkaConfig, type RdConsumer, type RdError, type RdMessage, type RdPartition } from './library.ts';
import { TopicAdmin } from './topic-admin.ts';

const CONNECT_MS = 10_000;
const CONSUME_MS = 50;
const CONSUME_RECORDS = 500;
const SEEK_MS = 5_000;
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 5_000;
const ASSIGN = -175;
const NO_OFFSET = -140;

/** A partition that is read. A new one stands for each `read`. */
interface Reading {
  next: bigint;
  /** Whether librdkafka is there yet. */
  ready: boolean;
}

/** A member of a group, by librdkafka: it fetches ahead and beats on threads of its own, and waits at a rebalance until it is told to go on. */
export class LibrdkafkaMember implements KafkaMember, PartitionReader {
  readonly #consumer: RdConsumer;
  readonly #api: LibrdkafkaApi;
  readonly #request: JoinRequest;
  readonly #listener: MemberListener;
  readonly #entered = Promise.withResolvers<void>();
  readonly #readings = new Map<number, Reading>();
  readonly #paused = new Set<number>();
  readonly #held = new Set<number>();
  /** Told to librdkafka between two calls of `consume`: no record of before is under way then. */
  readonly #told: (() => unknown)[] = [];
  /** Ends of logs that were come to, behind markers which are no records. */
  readonly #ends = new Map<number, bigint>();
  #admin: TopicAdmin | undefined;
  #topicId = '';
  /** Rebalances, one after another. */
  #turn: Promise<void> = Promise.resolve();
  #committing: Promise<unknown> | undefined;
  #loop: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(api: LibrdkafkaApi, config: LibrdkafkaConfig, request: JoinRequest, listener: MemberListener) {
    this.#api = api;
    this.#request = request;
    this.#listener = listener;
    this.#consumer = new api.KafkaConsumer({
      ...settingsOf(config, request),
      rebalance_cb: (error: RdError, partitions: readonly RdPartition[]) => this.#rebalance(error, partitions),
    });
    this.#consumer.on('event.error', (error) => listener.trouble(error));
    this.#consumer.on('partition.eof', ({ partition, offset }: Required<RdPartition>) => this.#ends.set(partition, BigInt(offset)));
    this.#consumer.setDefaultConsumeTimeout(CONSUME_MS);
    this.#consumer.setDefaultIsTimeoutOnlyForFirstMessage(true);
  }

  /** Connects, joins, and resolves once the first partitions are taken over. Rejects with `transport-unavailable` where that cannot be. */
  async join(): Promise<void> {
    const { topic, group, previousGroups, marksStart } = this.#request;
    try {
      await called((callback) => this.#consumer.connect({ timeout: CONNECT_MS }, callback));
      this.#admin = new TopicAdmin(this.#api.AdminClient.createFrom(this.#consumer), topic);
      this.#topicId = await this.#admin.id();
      if (marksStart) await this.#markStart([group, ...previousGroups]);
      this.#consumer.subscribe([topic]);
      this.#loop = this.#consume();
      await this.#entered.promise;
    } catch (error) {
      await this.close();
      if (error instanceof SemelError) throw error;
      throw new SemelError('transport-unavailable', `kafka: group ${group} cannot be joined for topic ${topic}: ${(error as Error).message}`, { cause: error });
    }
  }

  read(partition: number, offset: bigint): void {
    const reading: Reading = { next: offset, ready: false };
    this.#readings.set(partition, reading);
    if (this.#held.has(partition)) this.#told.push(() => this.#seek(partition, reading));
  }

  pause(partition: number, paused: boolean): void {
    if (paused) this.#paused.add(partition);
    else this.#paused.delete(partition);
    if (this.#held.has(partition)) this.#told.push(() => this.#tellPaused([partition]));
  }

  async offsets(at: Parameters<PartitionReader['offsets']>[0]): Promise<ReadonlyMap<number, bigint>> {
    return this.#topic.offsets(at);
  }

  async marks(): Promise<ReadonlyMap<number, bigint>> {
    return new Map([...(await this.#topic.offsets('beginning')), ...(await this.#topic.marksOf(this.#request.group, this.#topicId))]);
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ ...this.#at(partition), offset: Number(offset), metadata: this.#topicId }));
    if (this.#closed) throw new Error('the member is closed');
    this.#committing = called((callback) => this.#consumer.commitCb(partitions, callback));
    await this.#committing;
  }

  isStable(): Promise<boolean> {
    return this.#topic.isHeld(this.#request.group, this.#held);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #topic(): TopicAdmin {
    return this.#admin as TopicAdmin;
  }

  async #close(): Promise<void> {
    if (this.#consumer.isConnected()) this.#consumer.unsubscribe(); // revokes, which the loop has to see
    const { scheduler } = this.#request.runtime;
    for (let waitedMs = 0; this.#held.size > 0 && waitedMs < this.#request.rebalanceTimeoutMs; waitedMs += CONSUME_MS) await scheduler.sleep(CONSUME_MS);
    await this.#turn;
    this.#readings.clear();
    this.#closed = true;
    await this.#loop;
    await Promise.allSettled([this.#committing, this.#admin?.close()]); // under way, they would end the process with the client
    await new Promise<void>((resolve) => {
      if (this.#consumer.isConnected()) this.#consumer.disconnect(() => resolve());
      else resolve();
    });
  }

  #at(partition: number): { readonly topic: string; readonly partition: number } {
    return { topic: this.#request.topic, partition };
  }

  #markStart(groups: readonly string[]): Promise<void> {
    const topic = {
      marksOf: (group: string) => this.#topic.marksOf(group, this.#topicId),
      ends: () => this.#topic.offsets('end'),
      mark: (marks: ReadonlyMap<number, bigint>) => this.commit(marks).catch(() => {}), // refused where the group has members
    };
    return markStart(topic, groups);
  }

  #rebalance(error: RdError, partitions: readonly RdPartition[]): void {
    const lost = error.code !== ASSIGN && this.#consumer.assignmentLost();
    this.#turn = this.#turn.then(() => (error.code === ASSIGN ? this.#assign(partitions) : this.#giveUp(partitions, lost))).catch((failure) => this.#listener.trouble(failure));
  }

  /** What has no place to be read from is held all the same, and paused at the end. */
  async #assign(partitions: readonly RdPartition[]): Promise<void> {
    const numbers = partitions.map(({ partition }) => partition);
    await this.#takeOver(numbers);
    const gone = await this.#outOfRange(numbers);
    const ends = await this.#topic.offsets('log-end');
    const started = numbers.map((number) => ({ ...this.#at(number), offset: Number(this.#readings.get(number)?.next ?? ends.get(number) ?? 0n) }));
    if (this.#consumer.rebalanceProtocol() === 'COOPERATIVE') this.#consumer.incrementalAssign(started);
    else this.#consumer.assign(started);
    for (const number of numbers) this.#held.add(number);
    this.#tellPaused(numbers.filter((number) => this.#paused.has(number) || !this.#readings.has(number)));
    for (const number of numbers) Object.assign(this.#readings.get(number) ?? {}, { ready: true });
    for (const { partition, offset } of gone) this.#listener.outOfRange(partition, offset);
    this.#entered.resolve();
  }

  /** What the listener cannot take over now it is asked to take over again. */
  async #takeOver(partitions: readonly number[]): Promise<void> {
    const { scheduler } = this.#request.runtime;
    for (let waitMs = RETRY_BASE_MS; this.#closing === undefined; waitMs = Math.min(RETRY_CAP_MS, waitMs * 2)) {
      try {
        for (const partition of partitions) this.#forget(partition);
        this.#topicId = await this.#topic.id();
        return await this.#listener.assigned(partitions, this.#topicId, this);
      } catch (error) {
        this.#listener.trouble(error);
        await scheduler.sleep(waitMs);
      }
    }
  }

  async #giveUp(partitions: readonly RdPartition[], lost: boolean): Promise<void> {
    const numbers = partitions.map(({ partition }) => partition);
    for (const number of numbers) this.#forget(number);
    try {
      await (lost ? this.#listener.lost(numbers) : this.#listener.revoked(numbers));
    } finally {
      if (this.#consumer.rebalanceProtocol() === 'COOPERATIVE') this.#consumer.incrementalUnassign(partitions);
      else this.#consumer.unassign();
      for (const number of numbers) this.#held.delete(number);
    }
  }

  #forget(partition: number): void {
    this.#readings.delete(partition);
    this.#paused.delete(partition);
  }

  async #seek(partition: number, reading: Reading): Promise<void> {
    if (this.#readings.get(partition) !== reading) return;
    await called((callback) => this.#consumer.seek({ ...this.#at(partition), offset: Number(reading.next) }, SEEK_MS, callback));
    reading.ready = true;
    this.#tellPaused([partition]);
  }

  #tellPaused(partitions: readonly number[]): void {
    const held = partitions.filter((partition) => this.#held.has(partition));
    const isPaused = (partition: number) => this.#paused.has(partition) || !this.#readings.has(partition);
    const [paused, going] = [held.filter(isPaused), held.filter((partition) => !isPaused(partition))];
    if (paused.length > 0) this.#consumer.pause(paused.map((partition) => this.#at(partition)));
    if (going.length > 0) this.#consumer.resume(going.map((partition) => this.#at(partition)));
  }

  async #consume(): Promise<void> {
    const { clock, scheduler } = this.#request.runtime;
    for (let checkedMs = clock.now(); !this.#closed; ) {
      try {
        for (const tell of this.#told.splice(0)) await tell();
        this.#deliver(await called<readonly RdMessage[]>((callback) => this.#consumer.consume(CONSUME_RECORDS, callback)));
        if (clock.now() - checkedMs < this.#request.heartbeatMs) continue;
        checkedMs = clock.now();
        void this.#check();
      } catch (error) {
        if ((error as RdError).code === NO_OFFSET) void this.#check();
        else this.#listener.trouble(error);
        await scheduler.sleep(RETRY_BASE_MS);
      }
    }
  }

  #deliver(messages: readonly RdMessage[]): void {
    for (const [partition, own] of Map.groupBy(messages, (message) => message.partition)) {
      const reading = this.#readings.get(partition);
      if (reading?.ready !== true) continue;
      const records = own.map(recordOf).filter(({ offset }) => offset >= reading.next);
      const last = records.at(-1);
      if (last === undefined) continue;
      reading.next = last.offset + 1n;
      this.#listener.fetched({ partition, records, next: reading.next });
    }
    for (const [partition, offset] of this.#ends) {
      const reading = this.#readings.get(partition);
      if (reading?.ready !== true || offset <= reading.next) continue;
      reading.next = offset;
      this.#listener.fetched({ partition, records: [], next: offset });
    }
    this.#ends.clear();
  }

  async #check(): Promise<void> {
    try {
      const id = await this.#topic.id();
      if (id === this.#topicId) await this.#checkRange();
      else if (this.#closing === undefined) await this.#beginAnew();
    } catch (error) {
      this.#listener.trouble(error);
    }
  }

  /** Another topic under the same name: what was held of the old one is nothing any more. */
  #beginAnew(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const held = [...this.#held];
      for (const partition of held) this.#forget(partition);
      await this.#listener.lost(held);
      this.#consumer.unsubscribe();
      this.#consumer.subscribe([this.#request.topic]);
    });
    return this.#turn;
  }

  /** librdkafka's own word for it can get lost behind records of other partitions, and names none. */
  async #checkRange(): Promise<void> {
    const ready = [...this.#readings].filter(([, reading]) => reading.ready).map(([partition]) => partition);
    for (const { partition, offset } of await this.#outOfRange(ready)) this.#listener.outOfRange(partition, offset);
  }

  /** Takes away the readings whose next offset their logs do not have. */
  async #outOfRange(partitions: readonly number[]): Promise<readonly { readonly partition: number; readonly offset: bigint }[]> {
    const asked = partitions.flatMap((partition) => {
      const reading = this.#readings.get(partition);
      return reading === undefined ? [] : [{ partition, reading, offset: reading.next }];
    });
    if (asked.length === 0) return [];
    const [beginnings, ends] = await Promise.all([this.#topic.offsets('beginning'), this.#topic.offsets('log-end')]);
    const gone = asked.filter(({ partition, reading, offset }) => {
      const stands = this.#readings.get(partition) === reading && reading.next === offset;
      return stands && (offset < (beginnings.get(partition) ?? 0n) || offset > (ends.get(partition) ?? offset));
    });
    for (const { partition } of gone) this.#readings.delete(partition);
    return gone;
  }
}
