import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import type { Store } from '../core/store.ts';
import { Reject } from '../core/throwables.ts';
import { type Topic, topic } from '../core/topic.ts';
import { createSemel } from '../semel.ts';
import { sqlite } from '../stores/sqlite/index.ts';
import { run } from './run.ts';

/** When the shop's orders are placed. */
export const THEN_MS: number = Date.UTC(2026, 0, 15, 12);
/** When its commands run, unless they are told otherwise: 3 h 20 min later. */
export const NOW_MS: number = THEN_MS + 200 * 60_000;

/** What the shop sells; what costs nothing is refused. */
export interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly cents: number;
}

/** Is paid. */
export const GOOD: Order = { orderId: 'A1', customer: 'C1', cents: 100 };
/** Becomes a dead letter. */
export const BAD: Order = { orderId: 'A2', customer: 'C2', cents: 0 };
/** Becomes another. */
export const WORSE: Order = { orderId: 'A3', customer: 'C3', cents: 0 };

const schema: StandardSchema<Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders: Topic<Order, Order> = topic('orders', { schema, id: (order) => order.orderId, key: (order) => order.customer });

/** What a command line did. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command line is run with; the rest are variables of the environment. */
export interface Circumstances {
  readonly isTty?: boolean;
  readonly nowMs?: number;
  readonly [variable: string]: string | number | boolean;
}

/** A store, and the command line, with SEMEL_STORE naming it. */
export abstract class AnyShop {
  /** Where it is, as SEMEL_STORE says. */
  abstract readonly address: string;
  /** When commands run, unless they are told otherwise. */
  protected abstract nowMs(): number;

  /** Runs `semel <line>`; an argument with blanks stands in double quotes. */
  async semel(line: string, { isTty = false, nowMs, ...env }: Circumstances = {}): Promise<Ran> {
    let stdout = '';
    let stderr = '';
    const argv = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, inner]) => inner ?? word);
    const exitCode = await run(argv, {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: { SEMEL_STORE: this.address, ...(env as Record<string, string>) },
      now: () => nowMs ?? this.nowMs(),
      isTty,
    });
    return { exitCode, stdout, stderr };
  }

  /** What `semel <line> --json` answers. */
  async json(line: string): Promise<unknown> {
    return JSON.parse((await this.semel(`${line} --json`)).stdout);
  }

  /** The dead letters that are left. */
  async deadIds(): Promise<readonly number[]> {
    const { deadLetters } = (await this.json('dead list')) as { readonly deadLetters: readonly { readonly id: number }[] };
    return deadLetters.map(({ id }) => id);
  }
}

/** A folder with room for a store. */
export class Shop extends AnyShop implements Disposable {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'semel-cli-'));
  readonly file: string = join(this.#folder, 'shop.db');
  readonly address: string = this.file;

  /** Publishes orders and handles what is due, all at {@link THEN_MS}; returns the shop. */
  async sell(...given: readonly Order[]): Promise<this> {
    await sellIn(sqlite(this.file), given, { ...systemRuntime, clock: { now: () => THEN_MS } });
    return this;
  }

  /** Runs SQL on the file, behind Semel's back. */
  alter(sql: string): void {
    const database = new DatabaseSync(this.file);
    database.exec(sql);
    database.close();
  }

  protected nowMs(): number {
    return NOW_MS;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Publishes orders and handles what is due. */
export async function sellIn<Tx>(store: Store<Tx>, given: readonly Order[], runtime: Runtime): Promise<void> {
  const semel = createSemel({ name: 'shop', store, runtime });
  const payments = semel.consume(orders, { name: 'payments' }, ({ message }) => {
    if (message.data.cents === 0) throw Object.assign(new Reject({ reason: `order ${message.data.orderId} costs nothing` }), { code: 'NO_PRICE' });
  });
  await semel.processor(payments);
  for (const order of given) await semel.publish(orders, order);
  const running = await semel.start();
  await running.idle();
  await running.stop();
}
