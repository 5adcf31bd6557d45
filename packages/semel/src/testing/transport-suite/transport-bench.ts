import assert from 'node:assert/strict';
import { decodeCloudEvent } from '../../core/cloudevents.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import { seal } from '../../core/seal.ts';
import type { Feed, Publisher, SubscribeOptions, Subscriber } from '../../core/transport.ts';
import { type ManualRuntime, manualRuntime } from '../manual-runtime.ts';
import { PlayedPositions } from './played-positions.ts';
import type { TransportFixture } from './transport-fixture.ts';

/** How long a delivery may be in hand, in every case. */
export const LEASE_MS = 30_000;

/** What a case works with: feeds, a clock, and the positions that a store would keep. */
export class TransportBench {
  readonly runtime: ManualRuntime = manualRuntime();
  readonly positions: PlayedPositions = new PlayedPositions();
  readonly fixture: TransportFixture;
  readonly #feeds: Feed[] = [];

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
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
    const feed = await this.subscriber.subscribe(this.fixture.topic, {
      service: 'suite',
      consumer,
      previousNames: [],
      from: 'beginning',
      ordered: true,
      leaseMs: LEASE_MS,
      runtime: this.runtime,
      assigned: async (partitions) => this.positions.acquire(consumer, partitions),
      revoked: async () => {},
      ...given,
    });
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

  /** Receives until there are `count`; fewer where they do not come. */
  async receive(feed: Feed, count: number): Promise<readonly Delivery[]> {
    const deliveries: Delivery[] = [];
    while (deliveries.length < count) {
      const more = await feed.receive({ max: count - deliveries.length, signal: this.#patience() });
      if (more.length === 0) break;
      deliveries.push(...more);
    }
    return deliveries;
  }

  /** Receives what there is, up to `max`. */
  receiveSome(feed: Feed, max = 100): Promise<readonly Delivery[]> {
    return feed.receive({ max, signal: this.#patience() });
  }

  /** Settles as the engine does: what is done has advanced its position before. */
  async settle(feed: Feed, deliveries: readonly Delivery[], outcome: Outcome = { kind: 'done' }, consumer = 'pay'): Promise<void> {
    const isDone = outcome.kind === 'done' || outcome.kind === 'duplicate' || outcome.kind === 'dead' || outcome.kind === 'parked';
    if (isDone) for (const { receipt } of deliveries) this.positions.advance(consumer, receipt);
    await feed.settle(deliveries.map((delivery) => ({ delivery, outcome })));
  }

  #patience(): AbortSignal {
    return AbortSignal.timeout(this.fixture.patienceMs ?? 100);
  }

  async pass(ms: number): Promise<void> {
    await this.runtime.advance(ms);
    await this.fixture.pass?.(ms);
  }

  async close(): Promise<void> {
    for (const feed of this.#feeds) await feed.close();
    await this.fixture.transport.publisher?.close();
    await this.fixture.transport.subscriber?.close();
    await this.fixture.close();
  }
}

/** The message of a delivery, decoded where the transport leaves that to the engine. */
export function decoded({ topic, content }: Delivery): Message {
  return 'message' in content ? content.message : decodeCloudEvent(content.bytes, topic);
}

/** The message ids of deliveries, in their order. */
export function idsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map((delivery) => decoded(delivery).id);
}

/** A sorted copy. */
export function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}
