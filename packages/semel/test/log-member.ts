import type { Delivery, Feed, SubscribeOptions, Transport } from 'semel';
import { expect } from 'vitest';
import { subscribeOptions } from '../src/testing/subscribe-options.ts';
import { PlayedPositions } from '../src/testing/transport-suite/played-positions.ts';

/** What a member of a log's readers is given. */
export interface MemberOptions {
  /** Of the store; new ones where it has none yet. */
  readonly positions?: PlayedPositions;
  readonly given?: Partial<SubscribeOptions>;
}

/** Subscribes to a log without an engine; settles what it receives as if the store had committed. */
export class LogMember implements AsyncDisposable {
  readonly positions: PlayedPositions;
  readonly feed: Feed;

  readonly #consumer: string;

  private constructor(feed: Feed, consumer: string, positions: PlayedPositions) {
    this.#consumer = consumer;
    this.feed = feed;
    this.positions = positions;
  }

  static async join({ subscriber }: Transport, topic: string, { positions = new PlayedPositions(), given = {} }: MemberOptions = {}): Promise<LogMember> {
    const feed = await subscriber!.subscribe(topic, subscribeOptions({ service: 'test', consumer: topic, ...given }, positions));
    return new LogMember(feed, topic, positions);
  }

  /** The records' texts, settled, once there are so many; what came where there are not in time. */
  async takes(count: number, patienceMs = 5_000): Promise<readonly string[]> {
    const texts: string[] = [];
    const signal = AbortSignal.timeout(patienceMs);
    while (texts.length < count && !signal.aborted) texts.push(...(await this.takesNext(count - texts.length, signal)));
    return texts;
  }

  /** What one receive brings, settled. */
  async takesNext(max: number, signal: AbortSignal): Promise<readonly string[]> {
    const deliveries = await this.feed.receive({ max, signal });
    for (const { receipt } of deliveries) expect(this.positions.advance(this.#consumer, receipt)).toBe(true);
    await this.feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
    return deliveries.map(textOf);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed.close();
  }
}

function textOf({ content }: Delivery): string {
  return 'bytes' in content ? Buffer.from(content.bytes).toString() : '';
}
