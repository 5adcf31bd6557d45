import type { Delivery } from './delivery.ts';

/** A message that a broker hides from others until a time, for the one who received it. */
export interface Held<Message> {
  readonly message: Message;
  /** By what it is known again when it comes twice. */
  readonly id: string;
  /** Within a group the broker's order is kept. */
  readonly group: string | undefined;
  /** Which try it is, but for failures since it was received. */
  readonly attempt: number;
  readonly suspect: Delivery['suspect'];
  /** Hidden until then; after it the message may be another's. */
  hiddenUntilMs: number;
  /** The broker hides it no longer than this, however often it is prolonged. */
  readonly hiddenAtMostUntilMs: number;
  /** Not handed out before. */
  dueAtMs: number;
  /** Failed tries here since it was received. */
  failures: number;
  /** It has been picked to be handed out. */
  out: boolean;
  /** What it was handed out as. */
  delivery?: Delivery;
}

/**
 * What a receiver has in hand of a queue with a visibility timeout: handed out, or waiting for its turn. What was not begun stays here instead of going back, for
 * each receive counts as an attempt at the broker, and what follows in its group would come out of order.
 */
export class Hand<Message> {
  /** In the order in which they were received. */
  readonly #held = new Set<Held<Message>>();
  readonly #out = new Map<Delivery, Held<Message>>();

  get size(): number {
    return this.#held.size;
  }

  /** Takes in what was received. A message that was in hand already was lost in between: its old delivery settles nothing more. */
  add(received: readonly Held<Message>[]): void {
    const ids = new Set(received.map(({ id }) => id));
    for (const held of [...this.#held]) if (ids.has(held.id)) this.remove(held);
    for (const held of received) this.#held.add(held);
  }

  /** Picks up to `max` to be handed out: what is due, of a group nothing before its turn. */
  pick(max: number, nowMs: number): readonly Held<Message>[] {
    this.#dropExpired(nowMs);
    const chosen = this.#free(nowMs).slice(0, max);
    for (const held of chosen) held.out = true;
    return chosen;
  }

  /** Hands out what was picked. */
  deliver(held: Held<Message>, topic: string, content: Delivery['content']): Delivery {
    const { attempt, failures, suspect } = held;
    const delivery: Delivery = { topic, content, receipt: { kind: 'external' }, attempt: attempt + failures, ...(suspect === undefined ? {} : { suspect }) };
    held.delivery = delivery;
    this.#out.set(delivery, held);
    return delivery;
  }

  /** What a delivery stands for; undefined where it was settled, or came again since. */
  of(delivery: Delivery): Held<Message> | undefined {
    return this.#out.get(delivery);
  }

  /** It waits for its next turn; `failed` where that is another try. */
  takeBack(held: Held<Message>, dueAtMs: number, failed: boolean): void {
    this.#forget(held);
    held.dueAtMs = dueAtMs;
    if (failed) held.failures += 1;
  }

  remove(held: Held<Message>): void {
    this.#forget(held);
    this.#held.delete(held);
  }

  /** What waits; of a group, or all. */
  waiting(group?: string): readonly Held<Message>[] {
    return [...this.#held].filter((held) => !held.out && (group === undefined || held.group === group));
  }

  /** When the next of what waits is due. */
  nextDueMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { out, dueAtMs } of this.#held) if (!out && dueAtMs > nowMs) nextMs = Math.min(nextMs, dueAtMs);
    return nextMs;
  }

  #forget(held: Held<Message>): void {
    if (held.delivery !== undefined) this.#out.delete(held.delivery);
    delete held.delivery;
    held.out = false;
  }

  /** In order, what may be handed out: a group is blocked by what of it is out, or not due yet. */
  #free(nowMs: number): readonly Held<Message>[] {
    const blocked = new Set<string>();
    return [...this.#held].filter((held) => {
      const { group, out, dueAtMs, hiddenUntilMs } = held;
      if (!out && dueAtMs <= nowMs && !(group !== undefined && blocked.has(group))) return true;
      if (group !== undefined && (!out || hiddenUntilMs > nowMs)) blocked.add(group);
      return false;
    });
  }

  /** What waited for too long is another's; what follows it in its group has to come after it again. */
  #dropExpired(nowMs: number): void {
    const broken = new Set<string>();
    for (const held of this.#held) {
      const { group, out, hiddenUntilMs } = held;
      if (out || (hiddenUntilMs > nowMs && !(group !== undefined && broken.has(group)))) continue;
      if (group !== undefined) broken.add(group);
      this.#held.delete(held);
    }
  }
}
