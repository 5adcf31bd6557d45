import { SemelError } from '../../core/errors.ts';
import type { Driver } from './driver.ts';

/** One for heartbeats: a lease is prolonged while every other connection is in a transaction. */
const HEARTBEATS = 1;

/**
 * Refuses a pool in which transactions, heartbeats and the connection that listens would wait for one another. A pool of unknown size is let pass.
 * @param transactions the most at once
 * @param listening whether a connection listens
 * @throws SemelError `pool-too-small`
 */
export function checkPool({ name, size }: Pick<Driver<unknown>, 'name' | 'size'>, transactions: number, listening: boolean): void {
  if (size === undefined) return;
  const listeners = listening && size.listens ? 1 : 0;
  const needed = transactions + HEARTBEATS + listeners;
  if (size.most >= needed) return;
  throw new SemelError(
    'pool-too-small',
    `the pool of ${name} opens at most ${size.most} connections, and ${needed} are needed: ${transactions} for consumers and relays that run at once, ` +
      `${HEARTBEATS} for heartbeats${listeners > 0 ? ', 1 to listen' : ''}. Set \`${size.option}\` to ${needed}, and more where other code shares the pool`,
    { details: { found: size.most, needed } },
  );
}
