import type { Delivery, Feed, SubscribeOptions } from 'semel';
import { type KafkaOptions, kafka } from 'semel/kafka';
import { expect } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { PlayedPositions } from '../../src/testing/transport-suite/played-positions.ts';

const QUICK = { sessionTimeoutMs: 2_000, heartbeatMs: 100 } as const;

/** Subscribes without an engine; settles what it receives as if the store had committed. */
export class Member implements AsyncDisposable {
  readonly positions: PlayedPositions;
  readonly feed: Feed;

  private constructor(feed: Feed, positions: PlayedPositions) {
    this.feed = feed;
    this.positions = positions;
  }

  /** @param positions of the store; new ones where it has none yet */
  static async join(
    client: Parameters<typeof kafka>[0],
    topic: string,
    {
      positions = new PlayedPositions(),
      options = {},
      given = {},
    }: { readonly positions?: PlayedPositions; readonly options?: KafkaOptions; readonly given?: Partial<SubscribeOptions> } = {},
  ): Promise<Member> {
    const { subscriber } = kafka(client, { ...QUICK, ...options });
    const feed = await subscriber!.subscribe(topic, {
      service: 'test',
      consumer: topic,
      previousNames: [],
      from: 'beginning',
      ordered: true,
      leaseMs: 30_000,
      attempts: 8,
      runtime: systemRuntime,
      recordsKeptMs: Number.POSITIVE_INFINITY,
      assigned: async (partitions) => positions.acquire('test', partitions),
      revoked: async () => {},
      released: async (partitions) => positions.release('test', partitions),
      ...given,
    });
    return new Member(feed, positions);
  }

  /** The records' texts, settled, once there are so many; what came where there are not in time. */
  async takes(count: number, patienceMs = 5_000): Promise<readonly string[]> {
    const texts: string[] = [];
    const signal = AbortSignal.timeout(patienceMs);
    while (texts.length < count && !signal.aborted) {
      const deliveries = await this.feed.receive({ max: count - texts.length, signal });
      for (const { receipt } of deliveries) expect(this.positions.advance('test', receipt)).toBe(true);
      await this.feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
      texts.push(...deliveries.map(textOf));
    }
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed.close();
  }
}

function textOf({ content }: Delivery): string {
  return 'bytes' in content ? Buffer.from(content.bytes).toString() : '';
}
