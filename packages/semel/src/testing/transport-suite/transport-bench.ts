import assert from 'node:assert/strict';
import { decodeCloudEvent } from '../../core/cloudevents.ts';
import type { Contract } from '../../core/contract.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import { seal } from '../../core/seal.ts';
import type { Feed, Publisher, SubscribeOptions, Subscriber } from '../../core/transport.ts';
import { type ManualRuntime, manualRuntime } from '../manual-runtime.ts';
import { subscribeOptions } from '../subscribe-options.ts';
import { PlayedPositions } from './played-positions.ts';
import type { RealTime, TransportFixture } from './transport-fixture.ts';

/** Where time is played. */
const PLAYED: RealTime = { leaseMs: 30_000, patienceMs: 100, quietMs: 100 };

/** What a case works with: feeds, a clock, and the positions that a store would keep. */
export class TransportBench {
  readonly runtime: Runtime;
  readonly positions: PlayedPositions = new PlayedPositions();
  readonly fixture: TransportFixture;
  readonly #manual: ManualRuntime | undefined;
  readonly #feeds: Feed[] = [];

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
    this.#manual = fixture.realTime === undefined ? manualRuntime() : undefined;
    this.runtime = this.#manual ?? systemRuntime;
  }

  /** How long a delivery may be in hand. */
  get leaseMs(): number {
    return this.#times.leaseMs;
  }

  /** A delay of whole seconds, for a retry. */
  get delayMs(): number {
    return this.#manual === undefined ? 2_000 : 5_000;
  }

  get contract(): Contract {
    return this.fixture.transport.contract;
  }

  get publisher(): Publisher {
    assert.ok(this.fixture.transport.publisher, 'the transport has no publisher');
    return this.fixture.transport.publisher;
  }

  get subscriber(): Subscriber {
    assert.ok(this.fixture.transport.subscriber, 'the transport has no subscriber');
    return this.fixture.transport.subscriber;
  }

  get byPosition(): boolean {
    return this.fixture.transport.contract.settlement.value === 'position';
  }

  async subscribe(consumer = 'pay', given: Partial<SubscribeOptions> = {}): Promise<Feed> {
    const options = subscribeOptions({ service: 'suite', consumer, leaseMs: this.leaseMs, runtime: this.runtime, ...given }, this.positions);
    const feed = await this.subscriber.subscribe(this.fixture.topic, options);
    this.#feeds.push(feed);
    return feed;
  }

  /** A message on the topic of this test. */
  message(id: string, given: Partial<Message> = {}): SealedMessage {
    const { topic } = this.fixture;
    return seal({ topic, source: 'suite', id, type: topic, time: '2026-01-01T00:00:00.000Z', data: { id }, headers: {}, ...given });
  }

  async publish(messages: readonly SealedMessage[]): Promise<void> {
    const results = await this.publisher.publish(messages, { signal: new AbortController().signal });
    assert.deepEqual(
      results.map(({ kind }) => kind),
      messages.map(() => 'accepted'),
    );
  }

  /** Receives until there are `count`; fewer where they do not come. What comes of a log in several pieces is given back for one: nothing follows what is in hand. */
  async receive(feed: Feed, count: number): Promise<readonly Delivery[]> {
    let deliveries: readonly Delivery[] = [];
    const signal = AbortSignal.timeout(this.#times.patienceMs);
    while (deliveries.length < count) {
      const more = await feed.receive({ max: count - deliveries.length, signal: this.#waitFor(deliveries.length > 0, signal) });
      deliveries = [...deliveries, ...more];
      if (more.length > 0) continue;
      if (this.#manual !== undefined || !this.byPosition || deliveries.length === 0 || signal.aborted) break;
      await this.settle(feed, deliveries, { kind: 'released' });
      deliveries = [];
    }
    return deliveries;
  }

  #waitFor(some: boolean, signal: AbortSignal): AbortSignal {
    if (this.#manual !== undefined) return AbortSignal.timeout(this.#times.patienceMs);
    return some && this.byPosition ? AbortSignal.any([signal, AbortSignal.timeout(this.#times.quietMs)]) : signal;
  }

  /** Receives once, waiting for something to come. */
  receiveNext(feed: Feed): Promise<readonly Delivery[]> {
    return feed.receive({ max: 100, signal: AbortSignal.timeout(this.#times.patienceMs) });
  }

  /** Receives what there is by now, up to `max`. */
  receiveSome(feed: Feed, max = 100): Promise<readonly Delivery[]> {
    return feed.receive({ max, signal: AbortSignal.timeout(this.#times.quietMs) });
  }

  /** What is in hand is taken back from a receiver that neither settles nor prolongs it; resolves with a feed that gets it. */
  async abandon(feed: Feed): Promise<Feed> {
    if (this.contract.takenBack.value === 'lease') await this.pass(this.leaseMs + 1);
    else await feed.close();
    return this.contract.takenBack.value === 'lease' ? feed : this.subscribe();
  }

  /** Waits until it holds, or for as long as the broker may take. */
  async eventually(holds: () => boolean): Promise<void> {
    for (let waitedMs = 0; !holds() && waitedMs < this.#times.patienceMs; waitedMs += 20) await systemRuntime.scheduler.sleep(20);
  }

  /** What a broker says in the end, which may be later than it did what was asked; the model must say it at once. */
  async becomes(expected: number, ask: () => Promise<number>): Promise<number> {
    for (let waitedMs = 0; this.#manual === undefined && waitedMs < this.#times.patienceMs && (await ask()) !== expected; waitedMs += 100) await this.pass(100);
    return ask();
  }

  /** Settles as the engine does: what is done has advanced its position before. */
  async settle(feed: Feed, deliveries: readonly Delivery[], outcome: Outcome = { kind: 'done' }, consumer = 'pay'): Promise<void> {
    const isDone = outcome.kind === 'done' || outcome.kind === 'duplicate' || outcome.kind === 'dead' || outcome.kind === 'parked';
    if (isDone) for (const { receipt } of deliveries) this.positions.advance(consumer, receipt);
    await feed.settle(deliveries.map((delivery) => ({ delivery, outcome })));
  }

  async pass(ms: number): Promise<void> {
    if (this.#manual === undefined) await systemRuntime.scheduler.sleep(ms);
    else await this.#manual.advance(ms);
  }

  async close(): Promise<void> {
    for (const feed of this.#feeds) await feed.close();
    await this.fixture.transport.publisher?.close();
    await this.fixture.transport.subscriber?.close();
    await this.fixture.close();
  }

  get #times(): RealTime {
    return this.fixture.realTime ?? PLAYED;
  }
}

/** The message of a delivery, decoded where the transport leaves that to the engine. */
export function decoded({ topic, content }: Delivery): Message {
  if ('message' in content) return content.message;
  return content.decode?.({}) ?? decodeCloudEvent(content.bytes, topic);
}

/** The message ids of deliveries, in their order. */
export function idsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map((delivery) => decoded(delivery).id);
}

/** A sorted copy. */
export function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}
