import type { Delivery } from '../../core/delivery.ts';

/** A message in the queue of one consumer. */
export interface AckEntry {
  readonly topic: string;
  readonly content: Delivery['content'];
  visibleAtMs: number;
  receives: number;
  /** The newest delivery: the only one whose settling counts. */
  newest?: Delivery;
}

/** The queue of one consumer at the broker. */
export class AckQueue {
  readonly entries: Set<AckEntry> = new Set();
  /** Messages that were removed, for a fault that brings them back. */
  readonly removed: AckEntry[] = [];
  /** Messages that were received too often. */
  readonly dead: AckEntry[] = [];
  readonly #byDelivery = new WeakMap<Delivery, AckEntry>();

  add(topic: string, content: Delivery['content']): void {
    this.entries.add({ topic, content, visibleAtMs: Number.NEGATIVE_INFINITY, receives: 0 });
  }

  /** What may be received now, oldest first. What was received `maxReceives` times goes to the dead. */
  visible(nowMs: number, maxReceives: number): AckEntry[] {
    const visible: AckEntry[] = [];
    for (const entry of this.entries) {
      if (entry.visibleAtMs > nowMs) continue;
      if (entry.receives < maxReceives) visible.push(entry);
      else if (this.entries.delete(entry)) this.dead.push(entry);
    }
    return visible;
  }

  /** When something becomes visible without a new publish. */
  nextVisibleMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { visibleAtMs } of this.entries) nextMs = Math.min(nextMs, visibleAtMs);
    return nextMs;
  }

  deliver(entry: AckEntry, untilMs: number): Delivery {
    entry.receives++;
    entry.visibleAtMs = untilMs;
    const delivery: Delivery = { topic: entry.topic, content: entry.content, receipt: { kind: 'external' }, attempt: entry.receives };
    entry.newest = delivery;
    this.#byDelivery.set(delivery, entry);
    return delivery;
  }

  /** The message of a delivery that is still in hand; undefined where it was delivered again, or removed, since. */
  inHand(delivery: Delivery): AckEntry | undefined {
    const entry = this.#byDelivery.get(delivery);
    return entry !== undefined && entry.newest === delivery && this.entries.has(entry) ? entry : undefined;
  }

  remove(entry: AckEntry): void {
    this.entries.delete(entry);
    this.removed.push(entry);
  }

  /** Brings back what was removed. */
  restore(): number {
    const restored = this.removed.splice(0);
    for (const entry of restored) {
      entry.visibleAtMs = Number.NEGATIVE_INFINITY;
      this.entries.add(entry);
    }
    return restored.length;
  }
}
