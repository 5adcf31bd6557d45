import { createSemel, type Delivery, isSemelError, type Semel } from 'semel';
import type { PostgresTransaction } from 'semel/postgres';
import type { FaultProxy, RequestFault } from 'semel/testing';
import { expect } from 'vitest';
import { Findings } from '../crash/findings.ts';
import type { Order, Reader } from '../crash/ledger.ts';
import { postgresLedger } from '../crash/ledgers/postgres.ts';
import { orders } from '../crash/services.ts';
import { proxied, proxyTo } from './proxied.ts';

type Cut = RequestFault['then'];

/** A shop whose line to the database is cut when it commits, and a reader whose is not. */
export class CutLine implements AsyncDisposable {
  /** Cuts that happened. */
  hits = 0;
  readonly #proxy: FaultProxy;
  readonly #semel: Semel<PostgresTransaction>;
  readonly #charge: ReturnType<Semel['consume']>;
  readonly #ledger: ReturnType<typeof postgresLedger>;
  readonly #reader: Reader;
  readonly #placed: string[] = [];
  readonly #external: Order[] = [];
  #next = 0;
  /** Called by the next handler. */
  #arm: (() => void) | undefined;
  #cut: Promise<void> = Promise.resolve();

  private constructor(proxy: FaultProxy, url: string, reader: Reader) {
    this.#proxy = proxy;
    this.#reader = reader;
    this.#ledger = postgresLedger(proxied(proxy, url));
    this.#semel = createSemel({ name: 'shop', store: this.#ledger.store('shop') });
    this.#charge = this.#semel.consume(orders, { name: 'charge', group: { budgetMs: 30_000 } }, async ({ message, tx }) => {
      await this.#ledger.write(tx, 'charges', message.data);
      this.#arm?.();
    });
  }

  static async open(url: string): Promise<CutLine> {
    const direct = postgresLedger(url);
    await direct.makeTables('shop', ['placed', 'charges']);
    const line = new CutLine(await proxyTo(url), url, await direct.read('shop'));
    await line.#semel.processor(line.#charge);
    return line;
  }

  /** An order is placed and published: the caller has its result, or is told that nothing was written. */
  async transaction(then: Cut): Promise<void> {
    const order = this.#order();
    const reported = await this.#place(order, () => this.#lose(then)).then(
      () => true,
      (error: unknown) => (isSemelError(error, 'store-unavailable') ? false : Promise.reject(error)),
    );
    await this.#cut;
    expect(await this.#count('placed', [order])).toBe(reported ? 1 : 0);
    expect(reported).toBe(then !== 'cut-before-request');
    if (!reported) await this.#place(order);
    this.#placed.push(order.orderId);
  }

  /** Two orders are brought by a transport, and share a transaction. */
  async external(then: Cut): Promise<void> {
    const given = [this.#order(), this.#order()];
    const deliveries = given.map(deliveryOf);
    const outcomes = await this.#losing(then, () => this.#semel.process(this.#charge, deliveries));
    const committed = await this.#count('charges', given);
    expect([...outcomes, committed]).toEqual(then === 'cut-before-request' ? ['released', 'released', 0] : ['duplicate', 'duplicate', 2]);
    await this.#semel.process(this.#charge, deliveries);
    this.#external.push(...given);
  }

  /** Two orders stand in the queue; what else is left of earlier rounds is done before. */
  async queue(then: Cut): Promise<void> {
    await this.#semel.drain(this.#charge);
    const given = [this.#order(), this.#order()];
    for (const order of given) await this.#place(order);
    this.#placed.push(...given.map(({ orderId }) => orderId));
    const outcomes = await this.#losing(then, () => this.#semel.drain(this.#charge));
    const committed = await this.#count('charges', given);
    expect([...outcomes, committed]).toEqual(then === 'cut-before-request' ? ['released', 'released', 0] : ['lost', 'lost', 2]); // its lease ended with it
  }

  /** Has the rest done, and compares the tables. */
  async finish(): Promise<readonly string[]> {
    await this.#semel.drain(this.#charge);
    const external = this.#external.map(({ orderId }) => orderId);
    const findings = new Findings();
    const ids = async (column: string, from: string) => (await this.#reader.all<{ id: string }>(`select ${column} as id from ${from} order by 1`)).map(({ id }) => id);
    findings.once('placed', await ids('order_id', 'placed'), this.#placed);
    findings.once('messages', await ids('id', '{semel}messages'), this.#placed.map(idOf));
    findings.once('charges', await ids('order_id', 'charges'), [...this.#placed, ...external]);
    findings.once('records', await ids('id', "{semel}inbox where state = 'done'"), [...this.#placed, ...external].map(idOf));
    findings.none('left', (await this.#reader.all<{ n: number }>(this.#reader.leftOver))[0]?.n ?? Number.NaN);
    return findings.faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#semel.close();
    await this.#proxy.close();
    await this.#reader.close();
  }

  #order(): Order {
    this.#next += 1;
    return { orderId: `order ${this.#next}`, customerId: `customer ${this.#next}`, number: this.#next };
  }

  #place(order: Order, atLast = () => {}): Promise<void> {
    return this.#semel.transaction(async ({ tx, publish }) => {
      await this.#ledger.write(tx, 'placed', order);
      await publish(orders, order);
      atLast();
    });
  }

  /** What is answered where the COMMIT of the handlers is lost. */
  async #losing(then: Cut, work: () => Promise<readonly { readonly kind: string }[]>): Promise<readonly string[]> {
    this.#arm = () => this.#lose(then);
    const outcomes = await work();
    await this.#cut;
    return outcomes.map(({ kind }) => kind);
  }

  #lose(then: Cut): void {
    this.#arm = undefined;
    const reply = then === 'cut-before-request' ? {} : { reply: 'COMMIT\0' };
    this.#cut = this.#proxy.once({ request: /commit\0/i, then, ...reply, signal: AbortSignal.timeout(10_000) }).then(() => {
      this.hits += 1;
    });
  }

  async #count(table: string, given: readonly Order[]): Promise<number> {
    const ids = given.map(({ orderId }) => `'${orderId}'`).join();
    return (await this.#reader.all<{ n: number }>(`select count(*)::int as n from ${table} where order_id in (${ids})`))[0]?.n ?? Number.NaN;
  }
}

function idOf(orderId: string): string {
  return `${orderId}/placed`;
}

function deliveryOf(data: Order): Delivery {
  const message = { topic: 'orders', source: 'elsewhere', id: idOf(data.orderId), type: 'orders', key: data.customerId, time: '2026-01-01T00:00:00Z', data, headers: {} };
  return { topic: 'orders', content: { message }, receipt: { kind: 'external' }, attempt: 1 };
}
