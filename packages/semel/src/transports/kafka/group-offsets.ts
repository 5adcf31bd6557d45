import type { Runtime } from '../../core/runtime.ts';
import type { KafkaMember } from './kafka-client.ts';

const EVERY_MS = 1_000;

/**
 * Tells the group how far the store's record is, for tools that watch lag; nothing here reads it. It is told after the commit, now and then, and never
 * under a place in the group that is lost: the client sends its generation along.
 */
export class GroupOffsets {
  readonly #runtime: Runtime;
  #member: KafkaMember | undefined;
  #passed = new Map<number, bigint>();
  #cancel: (() => void) | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** From now on it tells through this one. */
  through(member: KafkaMember): void {
    this.#member = member;
    void this.flush();
  }

  passed(partition: number, offset: bigint): void {
    this.#passed.set(partition, offset);
    this.#cancel ??= this.#runtime.scheduler.after(EVERY_MS, () => void this.flush());
  }

  /** Tells what is not told yet; where that fails, the next time tells more. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#passed.size === 0 || this.#member === undefined) return;
    const passed = this.#passed;
    this.#passed = new Map();
    await this.#member.commit(passed).catch(() => {});
  }

  /** They are another's: nothing more is told of them. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.#passed.delete(partition);
  }
}
