import { Bell } from '../../core/bell.ts';
import type { Contract } from '../../core/contract.ts';
import { LogFeed, type LogRecord, type LogSource } from '../../core/log-feed.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { SubscribeOptions, Transport } from '../../core/transport.ts';
import { partitionOf } from '../../testing/models/log-partition.ts';
import { SHARED } from '../explorer/footprint.ts';
import { never } from './never.ts';
import type { Party, Surroundings } from './surroundings.ts';

/** After this silence the group goes on without a member. */
const SESSION_MS = 1_000;
/** How long a member that was given up on takes to find out. */
const REJOIN_MS = 100;

/** A log that settles by position: a group of members share its partitions. */
export class SimulatedLog {
  readonly #contract: Contract;
  readonly #around: Surroundings;
  readonly #partitions: SealedMessage[][];
  readonly #bell = new Bell();
  #members: Member[] = [];
  readonly #expelled: Member[] = [];
  #shift = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(contract: Contract, around: Surroundings, partitions: number) {
    this.#contract = contract;
    this.#around = around;
    this.#partitions = Array.from({ length: partitions }, () => []);
  }

  get members(): number {
    return this.#members.length;
  }

  put(sealed: SealedMessage): void {
    this.#around.write(SHARED.broker);
    const { key = '' } = sealed.message;
    this.#partitions[partitionOf(key, this.#partitions.length)]?.push(sealed);
    this.ring();
  }

  transportFor(party: Party): Transport {
    const subscribe = async (topic: string, options: SubscribeOptions) => {
      const member = new Member(this, party, topic, options);
      this.#join(member);
      return member.feed;
    };
    return { name: 'log', contract: this.#contract, subscriber: { subscribe, close: async () => {} } };
  }

  /** Every partition goes to the next member. */
  rebalance(): void {
    this.#shift++;
    this.#assignLater();
  }

  /** Nothing is heard of a worker from now on: after a while its partitions are another's. */
  silence(party: Party): void {
    this.#around.after(SESSION_MS, () => {
      if (party.state !== 'up') this.#expel(party);
    });
  }

  /** A worker is heard of again; if it was given up on, it finds out, and joins again. */
  heardOf(party: Party): void {
    for (const member of this.#expelled.filter((each) => each.party === party)) this.#around.after(REJOIN_MS, () => this.#joinAgain(member));
  }

  ring(): void {
    this.#bell.ring();
  }

  /** For a member: what stands in a partition. */
  recordsOf(partition: string): readonly SealedMessage[] {
    this.#around.read(SHARED.broker);
    return this.#partitions[Number(partition)] ?? [];
  }

  note(party: Party, id: string): void {
    this.#around.write(party.bit);
    this.#around.note(party.label, { kind: 'delivered', id, attempt: 1 });
  }

  /** For a member: resolves when there may be more. */
  wait(signal: AbortSignal, untilMs: number): Promise<void> {
    const around = this.#around;
    return this.#bell.wait({ clock: { now: () => around.nowMs }, scheduler: around }, signal, untilMs);
  }

  #join(member: Member): void {
    this.#around.write(SHARED.broker | member.party.bit);
    this.#members.push(member);
    this.#assignLater();
  }

  #expel(party: Party): void {
    this.#around.write(SHARED.broker);
    for (const member of this.#members.filter((each) => each.party === party)) {
      member.expel();
      this.#members = this.#members.filter((each) => each !== member);
      if (party.state === 'frozen') this.#expelled.push(member);
    }
    this.#assignLater();
  }

  #joinAgain(member: Member): void {
    if (!member.expelled || member.party.state !== 'up') return;
    this.#expelled.splice(this.#expelled.indexOf(member), 1);
    void member.feed.lose(member.feed.partitions).then(() => {
      member.admit();
      this.#join(member);
    });
  }

  #assignLater(): void {
    this.#turn = this.#turn.then(() => this.#assignAll());
  }

  /** First everyone gives up what is no longer theirs, then everyone takes over what is. Nobody waits for a member that is given up on. */
  async #assignAll(): Promise<void> {
    const members = this.#members;
    this.#around.write(SHARED.broker);
    for (const [index, member] of members.entries()) {
      const given = member.feed.partitions.filter((partition) => this.#ownerOf(partition) !== index);
      if (given.length > 0) await Promise.race([member.feed.revoke(given), member.gone]).catch(() => {});
    }
    if (members !== this.#members && members.some(({ expelled }) => expelled)) return; // another assignment is on its way
    for (const [index, member] of members.entries()) {
      const held = new Set(member.feed.partitions);
      const own = this.#partitions.map((_, partition) => String(partition)).filter((partition) => this.#ownerOf(partition) === index && !held.has(partition));
      if (own.length > 0) await Promise.race([member.feed.assign(own), member.gone]).catch(() => {});
    }
  }

  #ownerOf(partition: string): number {
    return (Number(partition) + this.#shift) % Math.max(1, this.#members.length);
  }
}

/** A worker in the group. */
class Member implements LogSource {
  readonly feed: LogFeed;
  readonly party: Party;
  expelled = false;
  /** Resolves when the group gives up on it. */
  gone!: Promise<void>;
  #giveUp: () => void = () => {};
  readonly #log: SimulatedLog;
  readonly #offsets = new Map<string, number>();

  constructor(log: SimulatedLog, party: Party, topic: string, options: SubscribeOptions) {
    this.#log = log;
    this.party = party;
    this.admit();
    this.feed = new LogFeed(topic, options, this);
  }

  admit(): void {
    this.expelled = false;
    this.gone = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  expel(): void {
    this.expelled = true;
    this.#giveUp();
  }

  take(partition: string, max: number): readonly LogRecord[] {
    if (this.party.state !== 'up') return [];
    const first = this.#offsets.get(partition) ?? 0;
    const records = this.#log.recordsOf(partition).slice(first, first + max);
    this.#offsets.set(partition, first + records.length);
    return records.map((sealed, index) => {
      this.#log.note(this.party, sealed.message.id);
      return { content: sealed, next: String(first + index + 1) };
    });
  }

  has(partition: string): boolean {
    return this.party.state === 'up' && (this.#offsets.get(partition) ?? 0) < this.#log.recordsOf(partition).length;
  }

  seek(partition: string, position = '0'): void {
    this.#offsets.set(partition, Number(position));
    this.#log.ring();
  }

  wait(signal: AbortSignal, untilMs: number): Promise<void> {
    return this.party.state === 'down' ? never() : this.#log.wait(signal, untilMs);
  }

  owns(): boolean {
    return !this.expelled;
  }

  async pending(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {}
}
