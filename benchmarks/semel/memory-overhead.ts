import { createSemel } from 'semel';
import { memory } from 'semel/testing';
import type { OpenContender } from '../measure.ts';
import { orders, SERVICE } from '../messages.ts';
import { SemelInserts } from './semel-inserts.ts';

/** The engine alone: a handler that does nothing, over the store in memory. */
export function emptyHandler({ group }: { readonly group: boolean }): OpenContender {
  return async () => {
    const shop = createSemel({ name: SERVICE, store: memory() });
    const consumer = shop.consume(orders, { name: 'payments', ...(group ? {} : { group: false }) }, () => {});
    return new SemelInserts(shop, await shop.processor(consumer), 10_000);
  };
}
