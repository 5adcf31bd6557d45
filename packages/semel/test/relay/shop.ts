import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Pool } from 'pg';
import { createSemel, type Semel } from 'semel';
import { postgres } from 'semel/postgres';
import { database, type TestDatabase } from '../services/postgres.ts';
import { type Order, orders } from './orders.ts';
import { poolOf, relayService, storeOptions } from './relay-service.ts';
import { Relays } from './relays.ts';
import { Sink } from './sink.ts';

const LIMIT_MS = 40_000;
const MINE = 'database = current_database()';
const confirmedUpTo = (lsn: string) => `confirmed_flush_lsn >= '${lsn}'::pg_lsn as yes from pg_replication_slots where ${MINE}`;

/** A database with Semel's tables, a sink, the relays between them, and a publisher that relays nothing. */
export class Shop implements AsyncDisposable {
  readonly url: string;
  readonly sink: Sink;
  readonly relays: Relays;
  readonly #database: TestDatabase | undefined;
  readonly #pool: Pool;
  readonly #semel: Semel<unknown>;
  readonly #sold = new Map<string, number>();

  private constructor(url: string, sink: Sink, created: TestDatabase | undefined, notify: boolean) {
    this.url = url;
    this.sink = sink;
    this.#database = created;
    this.relays = new Relays(url, sink.port);
    this.#pool = poolOf(url);
    this.#semel = relayService(url, 'poll', sink.port, 'publisher', { pool: this.#pool, notify });
  }

  /** @param server where to make a database; `{ url }` is one to be used as it is. @param notify of the publisher */
  static async open(server?: string | { readonly url: string }, notify = false): Promise<Shop> {
    const created = typeof server === 'object' ? undefined : await database(server);
    const url = typeof server === 'object' ? server.url : (created as TestDatabase).url;
    const pool = poolOf(url);
    const migrated = createSemel({ name: 'shop', store: postgres(pool, { ...storeOptions('wal', url, false), migrate: true }) });
    await migrated.status().finally(() => migrated.close().then(() => pool.end()));
    return new Shop(url, await Sink.open(), created, notify);
  }

  /** Places the next orders of each customer, in one transaction. */
  async sell(customers: readonly string[], each = 1, { inMs = 0 }: { readonly inMs?: number } = {}): Promise<void> {
    const options = inMs === 0 ? {} : { notBefore: new Date(Date.now() + inMs) };
    await this.#semel.transaction(async ({ publish }) => {
      for (let round = 0; round < each; round++) for (const customer of customers) await publish(orders, this.#next(customer), options);
    });
  }

  /** Places one order, whose transaction stays open from `opened` until `go`. */
  async sellSlowly(customer: string, opened: () => void, go: Promise<void>): Promise<void> {
    await this.#semel.transaction(async ({ publish }) => {
      await publish(orders, this.#next(customer));
      opened();
      await go;
    });
  }

  /** How many were sold. */
  get sold(): number {
    return [...this.#sold.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves once all that was sold was received. */
  async delivered(limitMs?: number): Promise<void> {
    await this.sink.until(`${this.sold} messages received`, () => this.sink.ids.length >= this.sold, limitMs);
  }

  /** What is wrong with what the sink has received; nothing where each message came, those of a key in order, and no key from two relays at once. */
  faults(): readonly string[] {
    const outOfOrder = [...this.#sold].filter(([key, count]) => this.sink.orderOf(key).join() !== Array.from({ length: count }, (_, index) => index + 1).join());
    return [...outOfOrder.map(([key]) => `${key}: ${this.sink.orderOf(key)}`), ...this.sink.clashes.map((key) => `${key}: two relays at once`)];
  }

  /** Resolves once a relay reads the slot. One that is being made is active as well, but nothing is confirmed of it. */
  async read(): Promise<void> {
    await this.#until(`active and confirmed_flush_lsn is not null from pg_replication_slots where ${MINE}`);
  }

  /** Takes the slot away from its reader, and drops it before that is back. */
  async dropSlot(): Promise<void> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    for (let gone = 0; gone === 0; ) {
      const dropped = await client
        .query(`select pg_terminate_backend(active_pid, 5000), pg_drop_replication_slot(slot_name) from pg_replication_slots where ${MINE}`)
        .catch(() => undefined);
      gone = dropped?.rowCount ?? 0;
    }
    await client.end();
  }

  /** The place up to which the log is written. */
  async logEnd(): Promise<string> {
    const [row] = await this.ask<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
    return (row as { lsn: string }).lsn;
  }

  /** Whether the reader of the slot has confirmed the log up to there. */
  async isConfirmed(lsn: string): Promise<boolean> {
    const [row] = await this.ask<{ yes: boolean }>(`select ${confirmedUpTo(lsn)}`);
    return row?.yes ?? false;
  }

  /** Resolves once it is. */
  async confirmed(lsn: string): Promise<void> {
    await this.#until(confirmedUpTo(lsn));
  }

  /** Runs SQL on a connection of its own. */
  async ask<Row>(sql: string): Promise<readonly Row[]> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relays[Symbol.asyncDispose]();
    await this.#semel.close();
    await this.#pool.end();
    await this.sink[Symbol.asyncDispose]();
    await this.#database?.drop();
  }

  async #until(selected: string): Promise<void> {
    const limitMs = Date.now() + LIMIT_MS;
    for (;;) {
      const [row] = await this.ask<Record<string, boolean>>(`select ${selected}`);
      if (row !== undefined && Object.values(row)[0] === true) return;
      if (Date.now() > limitMs) throw new Error(`after ${LIMIT_MS} ms still not: ${selected}`);
      await sleep(25);
    }
  }

  #next(customer: string): Order {
    const number = (this.#sold.get(customer) ?? 0) + 1;
    this.#sold.set(customer, number);
    return { customer, number };
  }
}
