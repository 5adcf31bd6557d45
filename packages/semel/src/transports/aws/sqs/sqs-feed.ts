import { anySignal } from '../../../core/any-signal.ts';
import { Bell } from '../../../core/bell.ts';
import type { Delivery } from '../../../core/delivery.ts';
import { type Disposition, dispositionOf } from '../../../core/disposition.ts';
import { Hand, type Held } from '../../../core/hand.ts';
import type { Feed, Settled, SubscribeOptions } from '../../../core/transport.ts';
import type { SqsMessage } from './sqs-client.ts';
import { MAX_HIDDEN_MS } from './sqs-footing.ts';
import type { EntryResult, SqsQueue } from './sqs-queue.ts';
import { type Poll, SqsReceiver, secondsOf } from './sqs-receiver.ts';

/** How a feed reads its queue. */
export interface SqsReading {
  readonly queue: SqsQueue;
  readonly topic: string;
  readonly fifo: boolean;
  readonly deadLetters: 'semel' | 'broker';
  /** How long a request waits at SQS for something to come. */
  readonly waitSeconds: number;
  readonly options: SubscribeOptions;
  /** Rejects where it cannot be had now. */
  contentOf(message: SqsMessage): Promise<Delivery['content']>;
}

/** A message in hand. */
type InHand = Held<SqsMessage>;

/** Something that is to be seen by others again, after a while. */
interface Return {
  readonly held: InHand;
  readonly afterMs: number;
}

/** What a settlement comes to. */
interface Plan {
  readonly deleted: InHand[];
  readonly returned: Return[];
  /** Groups of which something is another's. */
  readonly lost: Set<string>;
  /** Groups whose first waits for its retry. */
  readonly delayed: Set<string>;
}

/** From this receive on, which no failure here explains, a message may be what ended its process. A first repeat is usual, after a release or a retry elsewhere. */
const SUSPECT_FROM = 3;
/** With so much in hand, most of it waiting for retries, nothing more is received. */
const MAX_IN_HAND = 1_000;
/** Messages whose failures here are remembered. */
const MAX_REMEMBERED = 10_000;
/** How long a message stays away whose payload cannot be had. */
const PAYLOAD_RETRY_MS = 5_000;
/** Handed out is what stays hidden for so much of a lease, for the first heartbeat comes after a third. */
const FRESH = 2 / 3;

/** One receiver of a queue. */
export class SqsFeed implements Feed {
  readonly #reading: SqsReading;
  readonly #options: SubscribeOptions;
  readonly #hand: Hand<SqsMessage> = new Hand();
  readonly #bell = new Bell();
  readonly #closed = new AbortController();
  readonly #receiver: SqsReceiver;
  /** How often a message was given back here because it had failed, by its id at SQS. */
  readonly #failures = new Map<string, number>();
  #closing: Promise<void> | undefined;

  constructor(reading: SqsReading) {
    this.#reading = reading;
    this.#options = reading.options;
    const { leaseMs } = reading.options;
    this.#receiver = new SqsReceiver({ ...reading, leaseMs }, this.#closed.signal, (messages) => this.#hand.add(messages.map((message) => this.#held(message))), this.#bell);
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const over = anySignal(signal, this.#closed.signal);
    let poll: Poll | undefined;
    try {
      while (!over.signal.aborted) {
        const deliveries = await this.#handOut(max);
        if (deliveries.length > 0) return deliveries;
        if (poll?.over) poll = undefined;
        if (this.#hand.size < MAX_IN_HAND) poll ??= this.#receiver.poll(max);
        const rung = this.#bell.wait(this.#options.runtime, over.signal, this.#hand.nextDueMs(this.#nowMs));
        await (poll === undefined ? rung : Promise.race([poll.done, rung]));
      }
      return [];
    } finally {
      over.release();
      if (poll !== undefined) this.#receiver.leave(poll);
    }
  }

  /** What is not begun, or waits behind its predecessor, stays in hand. A stale handle is no error: the message comes again, and its record answers. */
  async settle(settled: readonly Settled[]): Promise<void> {
    const plan: Plan = { deleted: [], returned: [], lost: new Set(), delayed: new Set() };
    for (const { delivery, outcome } of settled) {
      const held = this.#hand.of(delivery);
      if (held !== undefined) this.#plan(held, dispositionOf(outcome), plan);
    }
    const { deleted, returned, lost, delayed } = plan;
    const results = await Promise.all([this.#delete(deleted), this.#return(returned), this.#giveUp(lost), this.#hideDelayed(delayed)]);
    this.#bell.ring();
    const failure = results.flat().find((result) => result instanceof Error);
    if (failure !== undefined) throw failure; // what is still in hand is settled by the next try
  }

  /** A heartbeat that fails is no loss as long as the next can come in time; a message that can be hidden no longer is lost, so that its handler ends before another has it. */
  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const { leaseMs } = this.#options;
    const held = deliveries.flatMap((delivery) => this.#hand.of(delivery) ?? []);
    await this.#prolong(held.filter(({ hiddenAtMostUntilMs }) => hiddenAtMostUntilMs - this.#nowMs >= leaseMs));
    return deliveries.filter((delivery) => (this.#hand.of(delivery)?.hiddenUntilMs ?? 0) - this.#nowMs < leaseMs / 2);
  }

  /** What SQS counts, which it calls approximate. */
  async pending(): Promise<number> {
    const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed } = await this.#reading.queue.attributes();
    return [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed].reduce((sum, count) => sum + Number(count ?? 0), 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #nowMs(): number {
    return this.#options.runtime.clock.now();
  }

  /** What waits goes back at once, failed ones after the rest of their delay. What is out is its worker's to settle: it comes again when it is hidden no longer. */
  async #close(): Promise<void> {
    this.#closed.abort();
    await this.#receiver.ended();
    const waiting = this.#hand.waiting();
    await this.#return(waiting.map((held) => ({ held, afterMs: held.failures > 0 ? held.dueAtMs - this.#nowMs : 0 })));
  }

  /** Rejects where nothing can be handed out because no payload can be had. */
  async #handOut(max: number): Promise<readonly Delivery[]> {
    const chosen = this.#hand.pick(max, this.#nowMs);
    await this.#prolong(chosen.filter(({ hiddenUntilMs }) => hiddenUntilMs - this.#nowMs < this.#options.leaseMs * FRESH));
    const contents = await Promise.allSettled(chosen.map(({ message }) => this.#reading.contentOf(message)));
    const deliveries: Delivery[] = [];
    const broken = new Set<string>();
    for (const [index, held] of chosen.entries()) {
      const content = contents[index];
      const { group, hiddenUntilMs } = held;
      const isReady = content?.status === 'fulfilled' && hiddenUntilMs > this.#nowMs && !(group !== undefined && broken.has(group));
      if (isReady) deliveries.push(this.#hand.deliver(held, this.#reading.topic, content.value));
      else {
        if (group !== undefined) broken.add(group);
        this.#hand.takeBack(held, this.#nowMs + (content?.status === 'rejected' ? PAYLOAD_RETRY_MS : 0), false); // what is another's by now is dropped by the next pick
      }
    }
    const failure = contents.find(({ status }) => status === 'rejected');
    if (deliveries.length === 0 && failure?.status === 'rejected') throw failure.reason;
    return deliveries;
  }

  #held(message: SqsMessage): InHand {
    const { MessageId = '', Attributes = {} } = message;
    const receives = Number(Attributes['ApproximateReceiveCount'] ?? 1);
    const failures = this.#failures.get(MessageId) ?? 0;
    const isSuspect = receives - failures >= SUSPECT_FROM;
    const nowMs = this.#nowMs;
    return {
      message,
      id: MessageId,
      group: this.#reading.fifo && this.#options.ordered ? Attributes['MessageGroupId'] : undefined,
      attempt: isSuspect ? failures + 1 : receives,
      suspect: isSuspect ? 'with-others' : undefined,
      hiddenUntilMs: nowMs + this.#options.leaseMs,
      hiddenAtMostUntilMs: nowMs + MAX_HIDDEN_MS,
      dueAtMs: nowMs,
      failures: 0,
      out: false,
    };
  }

  /** Where there is order, what is to come again stays in hand, with what follows it; otherwise a failed message goes back, for whoever has time then. */
  #plan(held: InHand, disposition: Disposition, { deleted, returned, lost, delayed }: Plan): void {
    const { group } = held;
    if (disposition.kind === 'leave') {
      this.#hand.remove(held);
      if (group !== undefined) lost.add(group);
    } else if (disposition.kind === 'acknowledge') {
      if (disposition.dead && this.#reading.deadLetters === 'broker') returned.push({ held, afterMs: 0 });
      else deleted.push(held);
    } else if (disposition.counted && group === undefined) this.#retry(held, disposition.afterMs, returned);
    else {
      this.#hand.takeBack(held, this.#nowMs + disposition.afterMs, disposition.counted);
      if (disposition.counted && group !== undefined) delayed.add(group);
    }
  }

  #retry(held: InHand, afterMs: number, returned: Return[]): void {
    const failures = this.#failures.get(held.id) ?? 0;
    this.#failures.delete(held.id); // the newest stand last
    this.#failures.set(held.id, failures + 1);
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size > MAX_REMEMBERED) this.#failures.delete(oldest);
    returned.push({ held, afterMs });
  }

  async #delete(done: readonly InHand[]): Promise<readonly EntryResult[]> {
    for (const { id } of done) this.#failures.delete(id);
    return this.#without(done, await this.#reading.queue.delete(done.map(handleOf)));
  }

  async #return(returned: readonly Return[]): Promise<readonly EntryResult[]> {
    const hidings = returned.map(({ held, afterMs }) => ({ handle: handleOf(held), seconds: this.#hideable(held, afterMs) }));
    return this.#without(
      returned.map(({ held }) => held),
      await this.#reading.queue.hide(hidings),
    );
  }

  /** What follows a message that is another's by now comes after it again, from the queue. */
  async #giveUp(groups: ReadonlySet<string>): Promise<readonly EntryResult[]> {
    const behind = [...groups].flatMap((group) => this.#hand.waiting(group));
    for (const held of behind) this.#hand.remove(held);
    await this.#return(behind.map((held) => ({ held, afterMs: 0 })));
    return [];
  }

  /** A group whose first waits for its retry stays in hand whole, and in order, for as long as that takes. */
  async #hideDelayed(groups: ReadonlySet<string>): Promise<readonly EntryResult[]> {
    const { leaseMs } = this.#options;
    const changes = [...groups].flatMap((group) => {
      const waiting = this.#hand.waiting(group);
      const untilMs = Math.max(...waiting.map(({ dueAtMs }) => dueAtMs)) + leaseMs;
      return waiting.map((held) => ({ held, forMs: untilMs - this.#nowMs }));
    });
    await this.#hide(changes);
    return [];
  }

  /** For another lease; what cannot be hidden for so long is given back. */
  async #prolong(held: readonly InHand[]): Promise<void> {
    const { leaseMs } = this.#options;
    const forMs = ({ hiddenAtMostUntilMs }: InHand) => (hiddenAtMostUntilMs - this.#nowMs >= leaseMs ? leaseMs : 0);
    await this.#hide(held.map((each) => ({ held: each, forMs: forMs(each) })));
  }

  async #hide(changes: readonly { readonly held: InHand; readonly forMs: number }[]): Promise<void> {
    const hidings = changes.map(({ held, forMs }) => ({ handle: handleOf(held), seconds: this.#hideable(held, forMs) }));
    const nowMs = this.#nowMs;
    const results = await this.#reading.queue.hide(hidings);
    for (const [index, { held }] of changes.entries()) {
      if (results[index] === 'done') held.hiddenUntilMs = nowMs + (hidings[index]?.seconds ?? 0) * 1_000;
      else if (results[index] === 'stale') held.hiddenUntilMs = 0;
    }
  }

  /** Whole seconds that a message can be hidden for, of what is asked. */
  #hideable({ hiddenAtMostUntilMs }: InHand, forMs: number): number {
    return Math.max(0, Math.min(secondsOf(forMs), Math.floor((hiddenAtMostUntilMs - this.#nowMs) / 1_000)));
  }

  #without(held: readonly InHand[], results: readonly EntryResult[]): readonly EntryResult[] {
    for (const [index, each] of held.entries()) if (!(results[index] instanceof Error)) this.#hand.remove(each);
    return results;
  }
}

function handleOf({ message }: InHand): string {
  return message.ReceiptHandle ?? '';
}
