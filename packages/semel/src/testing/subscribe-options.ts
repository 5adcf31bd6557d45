import { systemRuntime } from '../core/runtime.ts';
import type { SubscribeOptions } from '../core/transport.ts';
import { PlayedPositions } from './transport-suite/played-positions.ts';

/** What a subscriber is told by a test that names only what it is about. */
export function subscribeOptions(given: Partial<SubscribeOptions> = {}, positions: PlayedPositions = new PlayedPositions()): SubscribeOptions {
  const { consumer = 'pay' } = given;
  return {
    service: 'shop',
    consumer,
    previousNames: [],
    from: 'beginning',
    ordered: true,
    leaseMs: 30_000,
    runtime: systemRuntime,
    recordsKeptMs: Number.POSITIVE_INFINITY,
    attempts: 8,
    assigned: async (partitions) => positions.acquire(consumer, partitions),
    revoked: async () => {},
    released: async (partitions) => positions.release(consumer, partitions),
    ...given,
  };
}
