import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aTopic, quietKafka, uniqueName } from '../kafka/kafka.ts';
import { Corner } from '../rabbitmq/rabbitmq.ts';
import { type ServiceName, serviceUrl } from '../services/describe-with.ts';
import { queueAt, sqsAt } from '../sqs/queues.ts';

/** One end of a bridge: a topic at a broker. */
export interface Side {
  /** The address of a module that makes the transport; see `broker-crash/broker.ts`. */
  readonly module: string;
  readonly address: string;
  readonly topic: string;
}

/** A kind of broker. */
export interface Place {
  /** What it takes; undefined where it takes nothing. */
  readonly service: ServiceName | undefined;
  /** Whether keys arrive in their order. */
  readonly ordered: boolean;
  /** Makes an empty topic, for one consumer. */
  open(consumer: string): Promise<Side & AsyncDisposable>;
}

const moduleAt = (path: string) => join(import.meta.dirname, '..', path);

/** The brokers, by name. */
export const PLACES: Readonly<Record<string, Place>> = {
  kafka: {
    service: 'kafka',
    ordered: true,
    open: async () => side('kafka/kafkajs-broker.ts', serviceUrl('kafka') ?? '', await aTopic(quietKafka(), 2)),
  },
  rabbitmq: {
    service: 'rabbitmq',
    ordered: true,
    open: async (consumer) => {
      const corner = await Corner.open(serviceUrl('rabbitmq') ?? '', [consumer]);
      await corner.makeQueues([consumer], { 'x-single-active-consumer': true });
      return side('rabbitmq/rabbitmq-broker.ts', `${corner.url}#${corner.topic}`, corner.topic, () => corner[Symbol.asyncDispose]());
    },
  },
  sqs: { service: 'elasticmq', ordered: false, open: () => queue(false) },
  'sqs fifo': { service: 'elasticmq', ordered: true, open: () => queue(true) },
  peer: {
    service: undefined,
    ordered: true,
    open: async () => {
      const dir = mkdtempSync(join(tmpdir(), 'semel-peer-'));
      return side('bridges/peer-broker.ts', join(dir, 'peer.db'), uniqueName('orders'), async () => rmSync(dir, { recursive: true, force: true }));
    },
  },
};

async function queue(fifo: boolean): Promise<Side & AsyncDisposable> {
  const client = sqsAt('elasticmq');
  const made = await queueAt(client, fifo);
  return side('bridges/sqs-broker.ts', `${serviceUrl('elasticmq')}#${made.name}`, uniqueName('orders'), async () => {
    await made.drop();
    client.destroy();
  });
}

function side(path: string, address: string, topic: string, drop: () => Promise<void> = async () => {}): Side & AsyncDisposable {
  return { module: moduleAt(path), address, topic, [Symbol.asyncDispose]: drop };
}
