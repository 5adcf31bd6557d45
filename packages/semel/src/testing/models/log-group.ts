import { Mutex } from '../../core/mutex.ts';
import type { LogMember } from './log-member.ts';

/** The members of one consumer, and who reads what. */
export class LogGroup {
  readonly #partitions: number;
  readonly #turn = new Mutex();
  #members: LogMember[] = [];
  #shift = 0;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  get members(): readonly LogMember[] {
    return this.#members;
  }

  join(member: LogMember): Promise<void> {
    return this.#turn.run(() => {
      this.#members.push(member);
      return this.#assignAll();
    });
  }

  leave(member: LogMember): Promise<void> {
    return this.#turn.run(async () => {
      this.#members = this.#members.filter((other) => other !== member);
      await member.feed.revoke(member.feed.partitions);
      await this.#assignAll();
    });
  }

  /** The others take over what it reads, and it is not told. */
  cutOff(member: LogMember): Promise<void> {
    return this.#turn.run(() => {
      member.expel();
      this.#members = this.#members.filter((other) => other !== member);
      return this.#assignAll();
    });
  }

  /** Every partition goes to the next member. */
  rebalance(): Promise<void> {
    return this.#turn.run(() => {
      this.#shift++;
      return this.#assignAll();
    });
  }

  /** First everyone gives up what is no longer theirs, then everyone takes over what is. */
  async #assignAll(): Promise<void> {
    const members = this.#members;
    for (const [index, member] of members.entries()) await member.feed.revoke(member.partitions.filter((partition) => this.#ownerOf(partition) !== index).map(String));
    for (const [index, member] of members.entries()) {
      const held = new Set(member.partitions);
      const own = Array.from({ length: this.#partitions }, (_, partition) => partition).filter((partition) => this.#ownerOf(partition) === index);
      await member.feed.assign(own.filter((partition) => !held.has(partition)).map(String));
    }
  }

  #ownerOf(partition: number): number {
    return (partition + this.#shift) % this.#members.length;
  }
}
