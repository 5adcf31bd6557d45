import type { Delivery, Feed, SubscribeOptions, Transport } from 'semel';
import { expect, it } from 'vitest';
import { encodePayment } from './payments.ts';
import { telling } from './telling.ts';

it('tells what is delivered, be it read already or bytes, and hands the same deliveries on', async () => {
  const bytes = new TextEncoder().encode(encodePayment({ id: 'P2', cents: 100 }));
  const deliveries = [{ content: { message: { id: 'P1' } } }, { content: { bytes } }] as unknown as readonly Delivery[];
  const feed: Partial<Feed> = { receive: async () => deliveries };
  const told: string[] = [];
  const transport = telling({ name: 'broker', subscriber: { subscribe: async () => feed as Feed, close: async () => {} } } as Partial<Transport> as Transport, (ids) =>
    told.push(...ids),
  );

  const subscribed = await transport.subscriber?.subscribe('payments', {} as SubscribeOptions);
  expect(await subscribed?.receive({ max: 10, signal: new AbortController().signal })).toBe(deliveries);
  expect(told).toEqual(['P1', 'P2']);
  expect(await subscribed?.pending?.()).toBe(0);
});
