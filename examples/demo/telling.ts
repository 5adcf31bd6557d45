import type { Delivery, Feed, Transport } from 'semel';

/**
 * A transport that tells which messages it delivers. From most brokers they come as bytes, which Semel reads later than the first steps at which a process is to die, so it
 * cannot name them there.
 */
export function telling(transport: Transport, tell: (ids: readonly string[]) => void): Transport {
  const { subscriber } = transport;
  if (subscriber === undefined) return transport;
  return {
    ...transport,
    subscriber: {
      subscribe: async (topic, options) => tellingFeed(await subscriber.subscribe(topic, options), tell),
      close: () => subscriber.close(),
    },
  };
}

function tellingFeed(feed: Feed, tell: (ids: readonly string[]) => void): Feed {
  return {
    receive: async (options) => {
      const deliveries = await feed.receive(options);
      tell(deliveries.map(idOf));
      return deliveries;
    },
    settle: (settled) => feed.settle(settled),
    extend: (deliveries) => feed.extend(deliveries),
    pending: async () => (await feed.pending?.()) ?? 0,
    close: () => feed.close(),
  };
}

function idOf({ content }: Delivery): string {
  return 'message' in content ? content.message.id : JSON.parse(Buffer.from(content.bytes).toString()).id;
}
