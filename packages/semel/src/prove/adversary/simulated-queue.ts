import type { Contract } from '../../core/contract.ts';
import type { Delivery } from '../../core/delivery.ts';
import { dispositionOf } from '../../core/disposition.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Feed, Settled, SubscribeOptions, Transport } from '../../core/transport.ts';
import { SHARED } from '../explorer/footprint.ts';
import { never } from './never.ts';
import { type Powers, powersOf } from './powers.ts';
import type { Party, Surroundings } from './surroundings.ts';

/** A message at the broker, or a repetition of one. */
interface Entry {
  readonly sealed: SealedMessage;
  /** Nobody receives it before this time. */
  visibleAtMs: number;
  receives: number;
  /** Of them those whose handler failed. */
  failures: number;
  /** It was in the hand of a receiver who is gone. */
  returned: boolean;
  /** Its newest delivery, while that is in hand. */
  inHand: { readonly delivery: Delivery; readonly receiver: Receiver; readonly connection: number } | undefined;
}

/** One worker's subscription. */
interface Receiver {
  readonly party: Party;
  readonly leaseMs: number;
  /** Which of its connections this is: what came on an earlier one can no longer be settled. */
  connection: number;
  losesAcks: boolean;
}

/** From this receive on that no failure explains, a queue's consumer takes a message for what may have ended its process. */
const SUSPECT_FROM = 3;

/** A broker that settles one by one, and does to its consumers whatever its contract allows. */
export class SimulatedQueue {
  readonly #contract: Contract;
  readonly #powers: Powers;
  readonly #around: Surroundings;
  #entries: Entry[] = [];
  readonly #of = new WeakMap<Delivery, { readonly entry: Entry; readonly connection: number }>();
  readonly #receivers = new Set<Receiver>();
  readonly #waiting = new Set<{ readonly receiver: Receiver; readonly wake: () => void }>();

  constructor(contract: Contract, around: Surroundings) {
    this.#contract = contract;
    this.#powers = powersOf(contract);
    this.#around = around;
  }

  /** Messages that are not acknowledged. */
  get outstanding(): number {
    return this.#entries.length;
  }

  put(sealed: SealedMessage, returned = false): void {
    this.#around.write(SHARED.broker);
    this.#entries.push({ sealed, visibleAtMs: Number.NEGATIVE_INFINITY, receives: returned ? 1 : 0, failures: 0, returned, inHand: undefined });
    this.ring();
  }

  transportFor(party: Party): Transport {
    const subscribe = async (topic: string, options: SubscribeOptions): Promise<Feed> => {
      const receiver: Receiver = { party, leaseMs: options.leaseMs, connection: 1, losesAcks: false };
      this.#receivers.add(receiver);
      return this.#feed(topic, receiver);
    };
    return { name: 'queue', contract: this.#contract, subscriber: { subscribe, close: async () => {} } };
  }

  /** Whether a worker has something in hand. */
  hasInHand(party: Party): boolean {
    return this.#entries.some(({ inHand }) => inHand?.receiver.party === party);
  }

  /** The next acknowledgements of a worker do not arrive. */
  loseAcks(party: Party): void {
    for (const receiver of this.#receivers) if (receiver.party === party) receiver.losesAcks = true;
  }

  /** Its connection is gone, and with it what it had in hand; the worker may learn of it late. */
  disconnect(party: Party): void {
    this.#around.write(SHARED.broker | party.bit);
    for (const receiver of this.#receivers) {
      if (receiver.party !== party) continue;
      receiver.connection++;
      if (party.state === 'down') this.#receivers.delete(receiver);
    }
    for (const entry of this.#entries) if (entry.inHand?.receiver.party === party) this.#takeBack(entry);
    this.ring();
  }

  /** Wakes those who wait for a message; in an order of their own, for who began to wait first must not matter. */
  ring(): void {
    for (const { wake } of [...this.#waiting].toSorted((a, b) => a.receiver.party.bit - b.receiver.party.bit)) wake();
  }

  #takeBack(entry: Entry): void {
    entry.inHand = undefined;
    entry.returned = true;
    entry.visibleAtMs = this.#around.nowMs;
  }

  #feed(topic: string, receiver: Receiver): Feed {
    return {
      receive: (options) => this.#receive(topic, receiver, options),
      settle: async (settled) => this.#settle(receiver, settled),
      extend: async (deliveries) => this.#extend(receiver, deliveries),
      pending: async () => this.#entries.length,
      close: async () => {},
    };
  }

  async #receive(topic: string, receiver: Receiver, { max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    while (!signal.aborted) {
      this.#around.read(SHARED.broker);
      this.#around.write(receiver.party.bit);
      const picked = receiver.party.state === 'up' ? this.#pick(max, receiver) : [];
      if (picked.length > 0) return picked.map((entry) => this.#deliver(topic, receiver, entry));
      await (receiver.party.state === 'down' ? never() : this.#wait(receiver, signal));
    }
    return [];
  }

  /** Batches are as large as chance has it. In order, a key is blocked by what of it is in hand or not due. */
  #pick(max: number, receiver: Receiver): readonly Entry[] {
    if (!this.#powers.reorders && this.#powers.takesBack === 'connection' && this.#isPassive(receiver)) return [];
    const blocked = new Set<string | undefined>();
    const visible = this.#entries.filter((entry) => {
      const { key } = entry.sealed.message;
      if (!this.#isHidden(entry) && !blocked.has(key)) return true;
      if (!this.#powers.reorders) blocked.add(key);
      return false;
    });
    if (visible.length === 0) return [];
    this.#around.write(SHARED.broker);
    const size = Math.min(max, visible.length, 1 + Math.floor(this.#around.random() * visible.length * 1.5));
    return this.#powers.reorders ? this.#shuffled(visible).slice(0, size) : visible.slice(0, size);
  }

  /** Where a queue that is settled by connections keeps an order, one consumer is active, and has one batch in hand. */
  #isPassive(receiver: Receiver): boolean {
    const [active] = this.#receivers;
    return active !== receiver || this.hasInHand(receiver.party);
  }

  #isHidden({ visibleAtMs, inHand }: Entry): boolean {
    return visibleAtMs > this.#around.nowMs || (inHand !== undefined && this.#powers.takesBack === 'connection');
  }

  #shuffled(entries: Entry[]): Entry[] {
    for (let last = entries.length - 1; last > 0; last--) {
      const at = Math.floor(this.#around.random() * (last + 1));
      [entries[last], entries[at]] = [entries[at] as Entry, entries[last] as Entry];
    }
    return entries;
  }

  #deliver(topic: string, receiver: Receiver, entry: Entry): Delivery {
    const { message, json, fingerprint } = entry.sealed;
    entry.receives++;
    const delivery: Delivery = { topic, content: { message, json, fingerprint }, receipt: { kind: 'external' }, ...this.#countOf(entry) };
    entry.inHand = { delivery, receiver, connection: receiver.connection };
    entry.visibleAtMs = this.#around.nowMs + receiver.leaseMs;
    this.#of.set(delivery, { entry, connection: receiver.connection });
    this.#around.note(receiver.party.label, { kind: 'delivered', id: message.id, attempt: entry.receives });
    return delivery;
  }

  /** A queue that counts receives counts all that were in hand together; one that does not says only that a message was returned. */
  #countOf({ receives, failures, returned }: Entry): Pick<Delivery, 'attempt' | 'suspect'> {
    if (!this.#contract.countsAttempts.value) return returned ? { attempt: 1, suspect: true } : { attempt: 1 };
    return receives - failures >= SUSPECT_FROM ? { attempt: failures + 1, suspect: 'with-others' } : { attempt: receives };
  }

  #settle(receiver: Receiver, settled: readonly Settled[]): void {
    this.#around.write(SHARED.broker | receiver.party.bit);
    for (const each of settled) this.#settleOne(receiver, each);
    receiver.losesAcks = false;
    this.ring();
  }

  #settleOne(receiver: Receiver, { delivery, outcome }: Settled): void {
    const known = this.#of.get(delivery);
    if (known === undefined || !this.#entries.includes(known.entry)) return;
    const { entry } = known;
    const disposition = dispositionOf(outcome);
    const own = this.#isOwn(receiver, entry, delivery);
    if (disposition.kind === 'acknowledge') {
      if (receiver.losesAcks || !(own || this.#powers.heedsStale)) return;
      const { id } = entry.sealed.message;
      this.#around.note(receiver.party.label, { kind: 'acknowledged', id, kept: this.#around.keeps(id) });
      this.#entries.splice(this.#entries.indexOf(entry), 1);
    } else if (disposition.kind === 'again' && own) {
      if (disposition.counted) entry.failures++;
      else entry.receives--;
      entry.inHand = undefined;
      entry.returned = true;
      entry.visibleAtMs = this.#around.nowMs + (this.#contract.delayedRetry.value ? disposition.afterMs : 0);
    }
  }

  /** Whether a delivery is the newest of its message, on a connection that is still open. */
  #isOwn(receiver: Receiver, { inHand }: Entry, delivery: Delivery): boolean {
    return inHand?.delivery === delivery && (this.#powers.takesBack === 'lease' || inHand.connection === receiver.connection);
  }

  #extend(receiver: Receiver, deliveries: readonly Delivery[]): readonly Delivery[] {
    this.#around.write(SHARED.broker | receiver.party.bit);
    return deliveries.filter((delivery) => {
      const entry = this.#of.get(delivery)?.entry;
      const own = entry !== undefined && this.#entries.includes(entry) && this.#isOwn(receiver, entry, delivery);
      if (own) entry.visibleAtMs = this.#around.nowMs + receiver.leaseMs;
      return !own;
    });
  }

  /** Until something comes, or something in hand may be taken back. */
  #wait(receiver: Receiver, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const { nowMs } = this.#around;
      const dueMs = Math.min(...this.#entries.flatMap(({ visibleAtMs }) => (visibleAtMs > nowMs ? [visibleAtMs] : [])));
      const wake = () => {
        cancel();
        this.#waiting.delete(waiting);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = dueMs === Number.POSITIVE_INFINITY ? () => {} : this.#around.after(dueMs - nowMs, wake);
      const waiting = { receiver, wake };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
