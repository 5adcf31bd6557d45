import { type Consumer, createSemel, type SealedMessage, type Topic, type Transport } from 'semel';
import { deliveryOf, type Order, ordersFrom, ordersNamed } from '../messages.ts';
import { type Shop, storeOn } from '../postgres/shop.ts';
import { createPayments, insertPayment } from '../postgres/tables.ts';
import type { Job } from '../processes/program.ts';
import { type Broker, nameOf } from './broker.ts';
import { brokerOf } from './broker-of.ts';

/** A service whose orders go through a broker. */
export interface Branch {
  readonly shop: Shop;
  readonly orders: Topic<Order, Order>;
  readonly broker: Broker;
}

/** How its consumer is declared. */
export interface Declaration {
  /** `x1`: a transaction for each message; in the others up to 100 share one. */
  readonly handling: 'groups' | 'concurrent' | 'x1';
  /** Transactions at once. */
  readonly concurrency: number;
}

/** Eight transactions for what comes from the broker, as many for what was parked of it, and what else there is: more than are used, fewer are refused. */
const CONNECTIONS = 20;

/** Messages of one call of a publisher. */
const BATCH = 1000;

/** The service of a job. */
export async function branchOf(job: Job, route: (transport: Transport) => Transport = (transport) => transport): Promise<Branch> {
  const name = nameOf(job);
  const broker = await brokerOf(job);
  const shop = createSemel({ name, store: storeOn(job.url, CONNECTIONS), routes: { [name]: route(broker.transport()) }, relay: { max: BATCH } });
  return { shop, orders: ordersNamed(name), broker };
}

/** Its tables, and an empty topic. */
export async function prepareBranch(job: Job): Promise<Branch> {
  const branch = await branchOf(job);
  await createPayments(job.url);
  await branch.broker.create();
  await branch.shop.open();
  return branch;
}

/** The same with all orders in the topic. */
export async function prepareFullBranch(job: Job): Promise<void> {
  const { orders, broker } = await prepareBranch(job);
  await publishAll(broker, orders, job);
}

/** Publishes the orders of a job as Semel's publisher writes them, past the outbox. */
export async function publishAll(broker: Broker, topic: Topic, { first, count }: Job): Promise<void> {
  const publish = publisherOf(broker, topic);
  for (let at = 0; at < count; at += BATCH) await publish(ordersFrom(first + at, Math.min(BATCH, count - at)));
}

/** Publishes past the outbox; rejects where one was not accepted. */
export function publisherOf(broker: Broker, { name }: Topic): (orders: readonly Order[]) => Promise<void> {
  const { publisher } = broker.transport();
  return async (orders) => {
    const results = (await publisher?.publish(orders.map(sealedFor(name)), { signal: new AbortController().signal })) ?? [];
    const other = results.find(({ kind }) => kind !== 'accepted');
    if (other !== undefined || results.length < orders.length) throw new Error(`error: a message was ${other?.kind}, not accepted`, { cause: other });
  };
}

function sealedFor(topic: string): (order: Order) => SealedMessage {
  return (order) => {
    const { message, json, fingerprint } = deliveryOf(order).content;
    return { message: { ...message, topic }, json, fingerprint };
  };
}

/**
 * Declares the consumer that is measured: one effect for each order.
 * @param beginning told that a handler begins
 */
export function consumerOf({ shop, orders }: Branch, { handling, concurrency }: Declaration, beginning: (order: Order) => void): Consumer {
  const group = { groups: {}, concurrent: 'concurrent', x1: false } as const;
  return shop.consume(orders, { name: 'payments', concurrency, group: group[handling] }, async ({ message, tx }) => {
    beginning(message.data);
    await tx.query(insertPayment(message.data));
  });
}
