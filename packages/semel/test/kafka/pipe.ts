import type { Kafka } from 'kafkajs';
import { type ConsumerOptions, createSemel, type Semel, type StandardSchema, type Topic, topic } from 'semel';
import type { KafkaOptions } from 'semel/kafka';
import { type KafkaStore, type KafkaTransaction, kafkaTransactions } from 'semel/kafka-transactions';
import { committedData } from './committed.ts';
import { aTopic } from './kafka.ts';

/** An order of a customer. */
export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly cents: number;
}

/** What a customer has ordered so far. */
export interface Total {
  readonly customer: string;
  readonly cents: number;
  readonly orders: number;
}

/** The topics of a pipe. */
export interface PipeTopics {
  readonly orders: string;
  readonly totals: string;
  readonly dead: string;
}

const QUICK = { sessionTimeoutMs: 2_000, heartbeatMs: 100 } as const;
/** The group of its consumer: of a service that no other test has. */
export function groupOf({ orders }: PipeTopics): string {
  return `${orders}/sum`;
}

/** Makes topics that no other test has. */
export async function pipeTopics(kafka: Kafka, partitions = 3): Promise<PipeTopics> {
  return { orders: await aTopic(kafka, partitions), totals: await aTopic(kafka, partitions), dead: await aTopic(kafka, 1) };
}

/** A service from topic to topic, by a store of Kafka's transactions: it adds up each customer's orders. */
export class Pipe {
  readonly orders: Topic<Order, Order>;
  readonly totals: Topic<Total, Total>;
  readonly store: KafkaStore;
  readonly semel: Semel<KafkaTransaction>;

  constructor(kafka: Kafka, { orders, totals, dead }: PipeTopics, { transactionalId, ...reading }: KafkaOptions & { readonly transactionalId?: string } = {}) {
    this.orders = topic(orders, { schema: schemaOf<Order>(), id: ({ id }) => id, key: ({ customer }) => customer, source: 'shop' });
    this.totals = topic(totals, { schema: schemaOf<Total>(), id: ({ customer, orders: count }) => `${customer}/${count}`, key: ({ customer }) => customer });
    const named = transactionalId === undefined ? {} : { transactionalId };
    this.store = kafkaTransactions(kafka, { deadLetterTopic: dead, transactionTimeoutMs: 3_000, remembers: [this.totals], ...named });
    const route = this.store.route({ ...QUICK, ...reading });
    this.semel = createSemel({ name: orders, store: this.store, routes: { [orders]: route, [totals]: route } });
  }

  /** @param before what happens before an order is added */
  sum(before: (order: Order, attempt: number) => unknown = () => {}, options: Partial<ConsumerOptions> = {}): this {
    const given = { name: 'sum', publishes: [this.totals], retry: { attempts: 3, baseMs: 10, capMs: 20 }, ...options };
    this.semel.consume(this.orders, given, async ({ message: { data }, attempt, tx, publish }) => {
      await before(data, attempt);
      const last = tx.last(this.totals, data.customer);
      await publish(this.totals, { customer: data.customer, cents: (last?.cents ?? 0) + data.cents, orders: (last?.orders ?? 0) + 1 });
    });
    return this;
  }

  /** All in one transaction. */
  async place(orders: readonly Order[]): Promise<void> {
    await this.semel.transaction(async ({ publish }) => {
      for (const order of orders) await publish(this.orders, order);
    });
  }
}

/** Orders of seven customers. */
export function someOrders(count: number, first = 0): readonly Order[] {
  return Array.from({ length: count }, (_, index) => ({ id: `order-${first + index}`, customer: `customer-${(first + index) % 7}`, cents: 1 + first + index }));
}

/** What they add up to. */
export function sumsOf(orders: readonly Order[]): { readonly count: number; readonly last: readonly Total[] } {
  const sums = new Map<string, Total>();
  for (const { customer, cents } of orders) {
    const before = sums.get(customer);
    sums.set(customer, { customer, cents: (before?.cents ?? 0) + cents, orders: (before?.orders ?? 0) + 1 });
  }
  return { count: orders.length, last: sorted(sums) };
}

/** How many totals are committed in the topic, and the last one of each customer. */
export async function totalsIn(kafka: Kafka, { totals }: PipeTopics): Promise<ReturnType<typeof sumsOf>> {
  const all = await committedData<Total>(kafka, totals);
  return { count: all.length, last: sorted(new Map(all.map((total) => [total.customer, total]))) };
}

function sorted(totals: ReadonlyMap<string, Total>): readonly Total[] {
  return [...totals.values()].sort((a, b) => a.customer.localeCompare(b.customer));
}

function schemaOf<Data>(): StandardSchema<Data, Data> {
  return { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as Data }) } };
}
