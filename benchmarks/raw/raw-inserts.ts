import type { DatabaseSync } from 'node:sqlite';
import type { Message } from 'semel';
import { BUSINESS_TABLE, INSERT_PAYMENT, paymentOf } from '../business.ts';
import { fresh, warmUpOf } from '../files.ts';
import { type Contender, type OpenContender, rateOf, type Sample } from '../measure.ts';
import { fingerprintOf, nextDeliveries, type Order, type OrderDelivery, SERVICE } from '../messages.ts';
import { openRaw, RawTransactions } from './raw-file.ts';
import { semelSchema } from './raw-schema.ts';

/** The statements of one message, prepared. */
type HandleByHand = (delivery: OrderDelivery) => void;

/** What the three inserts go into. */
export interface RawTables {
  readonly schema: string;
  prepare(database: DatabaseSync): HandleByHand;
}

/** Inbox row, business row and outbox row by hand, with node:sqlite alone: `size` messages a transaction. */
export function rawInserts(size: number, tables: RawTables): OpenContender {
  return async ({ folder }) => new RawInserts(openRaw(fresh(folder, 'raw')), size, tables);
}

class RawInserts implements Contender {
  readonly #database: DatabaseSync;
  readonly #size: number;
  readonly #transactions: RawTransactions;
  readonly #handle: HandleByHand;

  constructor(database: DatabaseSync, size: number, tables: RawTables) {
    database.exec(tables.schema);
    this.#database = database;
    this.#size = size;
    this.#transactions = new RawTransactions(database);
    this.#handle = tables.prepare(database);
  }

  run(ms: number): Promise<Sample> {
    return rateOf(ms, { make: () => nextDeliveries(100), handle: (deliveries) => this.#handleAll(deliveries), warmUp: warmUpOf(this.#size) });
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #handleAll(deliveries: readonly OrderDelivery[]): void {
    for (let at = 0; at < deliveries.length; at += this.#size) {
      const group = this.#size === deliveries.length ? deliveries : deliveries.slice(at, at + this.#size);
      this.#transactions.run(() => {
        for (const delivery of group) this.#handle(delivery);
      });
    }
  }
}

/**
 * The tables and indexes of Semel, with the same rows in them: what it takes to tell the same message from another of its id, on either side.
 * The conflict clause of the first insert is the check for a duplicate.
 */
export const sameTables: RawTables = {
  schema: semelSchema('remote'),
  prepare(database) {
    const inbox = database.prepare("insert into semel_inbox (subscription_id, source, id, state, fingerprint, at_ms) values (1, ?, ?, 'done', ?, ?) on conflict do nothing");
    const business = database.prepare(INSERT_PAYMENT);
    const outbox = database.prepare(
      `insert into semel_messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms) values ('${SERVICE}/receipts', ?, 'receipts', 'receipts', ?, ?, ?, ?, ?)`,
    );
    return ({ content: { message, fingerprint } }) => {
      const nowMs = Date.now();
      if (inbox.run(message.source, message.id, fingerprint, nowMs).changes === 0) return;
      business.run(...paymentOf(message, nowMs));
      const data = JSON.stringify(receiptOf(message));
      const time = new Date(nowMs).toISOString();
      outbox.run(`${message.data.orderId}/paid`, time, headersOf(message), data, fingerprintOf('receipts', data), nowMs);
    };
  },
};

/** The least that an inbox and an outbox can be: no fingerprint, no identity of what is published, no second index, no routes. */
export const leanTables: RawTables = {
  schema: `create table inbox (consumer text not null, message_id text not null, processed_at integer not null, primary key (consumer, message_id)) without rowid;
    create table outbox (id integer primary key, topic text not null, key text not null, payload text not null, at integer not null);
    ${BUSINESS_TABLE}`,
  prepare(database) {
    const inbox = database.prepare("insert into inbox (consumer, message_id, processed_at) values ('payments', ?, ?) on conflict do nothing");
    const business = database.prepare(INSERT_PAYMENT);
    const outbox = database.prepare("insert into outbox (topic, key, payload, at) values ('receipts', ?, ?, ?)");
    return ({ content: { message } }) => {
      const nowMs = Date.now();
      if (inbox.run(message.id, nowMs).changes === 0) return;
      business.run(...paymentOf(message, nowMs));
      outbox.run(String(message.data.account), JSON.stringify(receiptOf(message)), nowMs);
    };
  },
};

function receiptOf({ data: { orderId, account, amount, body } }: Message<Order>): Order {
  return { orderId, account, amount, body };
}

function headersOf({ id }: Message): string {
  return JSON.stringify({ correlationid: id, causationid: id });
}
