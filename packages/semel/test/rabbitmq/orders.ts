import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSemel, type Running, type Semel, type StandardSchema, type Topic, type Transport, topic } from 'semel';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { reasonOf } from '../../src/core/reason-of.ts';

interface Order {
  readonly number: number;
}

/** The longest wait for a retry is short here: what matters is that it is tried again. */
const RETRY = { attempts: 100, baseMs: 20, capMs: 200 };
const CUSTOMERS = 5;

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };

/** A shop that publishes orders, and billing that books each once, with a broker between them that a test does harm to. */
export class Orders implements AsyncDisposable {
  readonly shop: Semel<SqliteTransaction>;
  readonly billing: Semel<SqliteTransaction>;
  /** What either met and went on after. */
  readonly troubles: string[] = [];
  readonly #dir: string;
  readonly #topic: Topic<Order, Order>;
  readonly #running: Running[] = [];
  #placed = 0;

  /** @param handle is done besides the booking, in its transaction */
  constructor(
    topicName: string,
    transports: { readonly shop: Transport; readonly billing: Transport },
    handle: (number: number, signal: AbortSignal) => Promise<void> = async () => {},
  ) {
    this.#dir = mkdtempSync(join(tmpdir(), 'semel-rabbitmq-'));
    this.#topic = topic(topicName, { schema: anOrder, id: ({ number }) => String(number), key: ({ number }) => `customer-${number % CUSTOMERS}` });
    this.shop = createSemel({ name: 'shop', store: sqlite(join(this.#dir, 'shop.db')), routes: { [topicName]: transports.shop }, relay: { timeoutMs: 2_000 } });
    this.billing = createSemel({ name: 'billing', store: sqlite(this.#file), routes: { [topicName]: transports.billing } });
    this.billing.consume(this.#topic, { name: 'pay', retry: RETRY, leaseMs: 1_500, timeoutMs: 60_000, group: { max: 5 } }, async ({ message, tx, signal }) => {
      await handle(message.data.number, signal);
      tx.exec('create table if not exists booked (position integer primary key, number integer)');
      tx.prepare('insert into booked (number) values (?)').run(message.data.number);
    });
    for (const semel of [this.shop, this.billing]) {
      semel.observe(({ type, error }) => {
        if (type === 'trouble') this.troubles.push(reasonOf(error));
      });
    }
  }

  /** Billing first, so that its queue is there. */
  async start(): Promise<void> {
    for (const semel of [this.billing, this.shop]) this.#running.push(await semel.start());
  }

  async place(count: number): Promise<void> {
    for (const end = this.#placed + count; this.#placed < end; this.#placed++) await this.shop.publish(this.#topic, { number: this.#placed });
  }

  /** What is wrong with what is booked: each order once, and those of a customer in order. */
  faults(): readonly string[] {
    const booked = this.booked();
    const faults: string[] = [];
    const last = new Map<number, number>();
    for (const number of booked) {
      if ((last.get(number % CUSTOMERS) ?? -1) >= number) faults.push(`${number} comes after ${last.get(number % CUSTOMERS)}`);
      last.set(number % CUSTOMERS, number);
    }
    for (let number = 0; number < this.#placed; number++) if (!booked.includes(number)) faults.push(`${number} is lost`);
    return faults;
  }

  booked(): readonly number[] {
    const db = new DatabaseSync(this.#file, { readOnly: true });
    try {
      return db
        .prepare('select number from booked order by position')
        .all()
        .map((row) => Number(row['number']));
    } catch {
      return []; // nothing was booked yet, and there is no table
    } finally {
      db.close();
    }
  }

  async deadLetters(): Promise<number> {
    return (await this.shop.deadLetters.list()).length + (await this.billing.deadLetters.list()).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((running) => running.stop({ deadlineMs: 1_000 })));
    await Promise.all([this.shop.close(), this.billing.close()]);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#dir, 'billing.db');
  }
}
