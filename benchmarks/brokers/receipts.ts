import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import type { KafkaBroker } from './kafka.ts';

const POLL_MS = 200;
const PATIENCE_MS = 15_000;

/** Where the receipts for a topic's orders go, in Kafka too. */
export function receiptsOf(topic: string): string {
  return `${topic}_receipts`;
}

/** Reads what is committed; throws where it is not one receipt for each of so many orders. */
export async function expectReceipts(broker: KafkaBroker, topic: string, count: number): Promise<void> {
  const seen = new Set<string>();
  let read = 0;
  const stop = await broker.run(
    {
      eachBatch: async ({ batch: { messages } }) => {
        read += messages.length;
        for (const message of messages) seen.add(orderIdOf(message));
      },
    },
    { topic, group: `${topic}/audit` },
  );
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (read < count && performance.now() < deadlineMs) await sleep(POLL_MS);
  await sleep(POLL_MS); // whether there are more
  await stop();
  if (read !== count || seen.size !== count) throw new Error(`error: ${read} receipts for ${seen.size} orders, and not ${count}`);
}

/** Written by hand, or as a CloudEvent. */
function orderIdOf({ value }: KafkaMessage): string {
  const { data, orderId } = JSON.parse(String(value)) as { readonly data?: { readonly orderId: string }; readonly orderId: string };
  return data?.orderId ?? orderId;
}
