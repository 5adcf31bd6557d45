import { type Consumer, createSemel, type Process, type Semel, type Topic } from 'semel';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { BUSINESS_TABLE, INSERT_PAYMENT, paymentOf } from '../business.ts';
import { kept, warmUpOf } from '../files.ts';
import { type Contender, type OpenContender, rateOf, type Sample } from '../measure.ts';
import { nextDeliveries, type Order, type OrderDelivery, orders, receipts, SERVICE } from '../messages.ts';
import { outboxOnly } from './outbox-only.ts';

/** A service on a file. */
export type Shop = Semel<SqliteTransaction>;

/** Declares the consumer that is measured. */
export type Declare = (shop: Shop) => Consumer;

/** A handler that is called for each message: one transaction for 100 of them, or one each. */
export function perMessage({ group, into = receipts }: { readonly group: boolean; readonly into?: Topic<Order, Order> }): Declare {
  const options = { name: 'payments', publishes: [into], ...(group ? {} : { group: false as const }) };
  return (shop) =>
    shop.consume(orders, options, async ({ message, tx, publish }) => {
      tx.prepare(INSERT_PAYMENT).run(...paymentOf(message, Date.now()));
      const { orderId, account, amount, body } = message.data;
      await publish(into, { orderId, account, amount, body });
    });
}

/** A handler that is called once for 100 messages. */
export const asSet: Declare = (shop) =>
  shop.consumeSet(orders, { name: 'payments', publishes: [receipts] }, async ({ messages, tx, publish }) => {
    const insert = tx.prepare(INSERT_PAYMENT);
    const nowMs = Date.now();
    for (const message of messages) {
      insert.run(...paymentOf(message, nowMs));
      const { orderId, account, amount, body } = message.data;
      await publish(receipts, { orderId, account, amount, body }, {}, message);
    }
  });

/** A file with records in it. */
export interface Before {
  readonly name: string;
  /** Whether it is kept from round to round. */
  readonly keep: boolean;
  fill(path: string): void;
  /** Makes deliveries whose records fall where those of the file do. */
  make(count: number): readonly OrderDelivery[];
}

/** Deliveries from memory through a processor into a file: an empty one, unless told otherwise. */
export function semelInserts(declare: Declare, before?: Before): OpenContender {
  return async ({ folder }) => {
    const { path, made } = kept(folder, before?.name ?? 'semel', before?.keep ?? false);
    const shop = createShop(path);
    const consumer = declare(shop);
    const process = await shop.processor(consumer);
    if (!made) {
      await shop.transaction(({ tx }) => tx.exec(BUSINESS_TABLE));
      before?.fill(path);
    }
    return new SemelInserts(shop, process, warmUpOf(consumer.policies.groupMax), before?.make);
  };
}

/** A service on the file at `path`, with receipts routed to a broker. */
function createShop(path: string): Shop {
  return createSemel({ name: SERVICE, store: sqlite(path), routes: { receipts: outboxOnly } });
}

/** Feeds batches of 100 to a processor. */
export class SemelInserts implements Contender {
  readonly #shop: Pick<Semel, 'close'>;
  readonly #process: Process;
  readonly #warmUp: number;
  readonly #make: (count: number) => readonly OrderDelivery[];

  constructor(shop: Pick<Semel, 'close'>, process: Process, warmUp: number, make: (count: number) => readonly OrderDelivery[] = nextDeliveries) {
    this.#shop = shop;
    this.#process = process;
    this.#warmUp = warmUp;
    this.#make = make;
  }

  run(ms: number): Promise<Sample> {
    return rateOf(ms, { make: () => this.#make(100), handle: (deliveries) => this.#handle(deliveries), warmUp: this.#warmUp });
  }

  close(): Promise<void> {
    return this.#shop.close();
  }

  /** A figure for messages that were not handled would be worth nothing. */
  async #handle(deliveries: readonly OrderDelivery[]): Promise<void> {
    const outcomes = await this.#process(deliveries);
    const other = outcomes.find(({ kind }) => kind !== 'done');
    if (other !== undefined) throw new Error(`a message was ${other.kind}, not done`);
  }
}
