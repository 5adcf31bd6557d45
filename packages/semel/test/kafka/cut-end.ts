import { createConnection } from 'node:net';
import type { Kafka } from 'kafkajs';
import { type FaultProxy, faultProxy } from 'semel/testing';
import { onTestFinished } from 'vitest';
import { kafkaUrl, quietKafka } from './kafka.ts';

/** A proxy in front of the broker, and a client all of whose connections go through it. */
export async function proxied(): Promise<{ readonly proxy: FaultProxy; readonly through: Kafka }> {
  const proxy = await faultProxy({ to: { port: Number(kafkaUrl?.split(':')[1]) } });
  onTestFinished(() => proxy.close());
  const { host, port } = proxy;
  return { proxy, through: quietKafka(undefined, { socketFactory: ({ onConnect }) => createConnection({ host, port }, onConnect), brokers: [kafkaUrl ?? ''] }) };
}

/** An EndTxn that commits: after the id come producer id and epoch, and then the one byte that says so. */
export function endOf(transactionalId: string): RegExp {
  return new RegExp(`${transactionalId}[^]{10}\\x01`);
}
