import { join } from 'node:path';
import { kafkaContract } from '../../../packages/semel/src/contracts/kafka.ts';
import { localContract } from '../../../packages/semel/src/contracts/local.ts';
import { peerContract } from '../../../packages/semel/src/contracts/peer.ts';
import { rabbitmqContract } from '../../../packages/semel/src/contracts/rabbitmq.ts';
import { sqsContract } from '../../../packages/semel/src/contracts/sqs.ts';
import { sqsFifoContract } from '../../../packages/semel/src/contracts/sqs-fifo.ts';
import type { Contract } from '../../../packages/semel/src/core/contract.ts';
import { aTopic, quietKafka, uniqueName } from '../../../packages/semel/test/kafka/kafka.ts';
import { Corner } from '../../../packages/semel/test/rabbitmq/rabbitmq.ts';
import { queueAt, sqsAt } from '../../../packages/semel/test/sqs/queues.ts';
import { CONSUMER } from './steps.ts';

/** What a store is kept on: a file, or a service with connections to it. */
export interface StorePlace {
  readonly service?: 'postgres';
}

/** The stores. */
export const STORES = { sqlite: {}, postgres: { service: 'postgres' } } as const satisfies Readonly<Record<string, StorePlace>>;

/** The name of a store. */
export type StoreName = keyof typeof STORES;

/** Where processes find a transport: a module whose exports are a `Broker`, and what that is told. */
export interface Route extends AsyncDisposable {
  readonly topic: string;
  readonly module: string;
  readonly address: string;
}

/** What a route is made of. */
export interface RouteParts {
  /** Of the service, directly. */
  readonly url: string;
  /** Of the service, by way of what can be cut. */
  readonly through: string;
  /** The store, by way of what can be cut, and its folder. */
  readonly store: string;
  readonly dir: string;
}

/** A way by which messages come to a consumer. */
export interface TransportPlace {
  readonly contract: Contract;
  readonly service?: 'kafka' | 'rabbitmq' | 'fauxqs';
  /** How long a message may be in hand without a sign of life; where nothing but a connection decides it, only the store's own queue goes by it. */
  readonly leaseMs: number;
  /** Makes an empty topic; absent where topics are the store's. */
  open?(parts: RouteParts): Promise<Route>;
}

/** The transports. */
export const TRANSPORTS = {
  local: { contract: localContract, leaseMs: 300 },
  peer: { contract: peerContract, leaseMs: 300, open: async ({ store, dir }) => route('brokers/peer.ts', uniqueName('orders'), `${dir}#${store}`) },
  kafka: {
    contract: kafkaContract(),
    service: 'kafka',
    leaseMs: 1_000,
    open: async ({ url, through }) => route('brokers/kafka.ts', await aTopic(quietKafka(url), 2), through),
  },
  rabbitmq: {
    contract: rabbitmqContract({ singleActive: true, maxMessageBytes: 16 << 20 }),
    service: 'rabbitmq',
    leaseMs: 1_000,
    open: async ({ url, through }) => {
      const corner = await Corner.open(url, [CONSUMER]);
      await corner.makeQueues([CONSUMER], { 'x-single-active-consumer': true });
      return route('../../../packages/semel/test/rabbitmq/rabbitmq-broker.ts', corner.topic, `${through}#${corner.topic}`, () => corner[Symbol.asyncDispose]());
    },
  },
  sqs: { contract: sqsContract, service: 'fauxqs', leaseMs: 1_000, open: (parts) => queue(parts, false) },
  'sqs-fifo': { contract: sqsFifoContract, service: 'fauxqs', leaseMs: 1_000, open: (parts) => queue(parts, true) },
} as const satisfies Readonly<Record<string, TransportPlace>>;

/** The name of a transport. */
export type TransportName = keyof typeof TRANSPORTS;

async function queue({ url, through }: RouteParts, fifo: boolean): Promise<Route> {
  const client = sqsAt('fauxqs', url);
  const made = await queueAt(client, fifo);
  return route('brokers/sqs.ts', uniqueName('orders'), `${through}#${made.name}`, async () => {
    await made.drop();
    client.destroy();
  });
}

function route(module: string, topic: string, address: string, drop: () => Promise<void> = async () => {}): Route {
  return { module: join(import.meta.dirname, module), topic, address, [Symbol.asyncDispose]: drop };
}
