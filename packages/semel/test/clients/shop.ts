import {
  type Consumer,
  type ConsumerOptions,
  createSemel,
  type Delivery,
  type Message,
  type Outcome,
  type Publish,
  type Semel,
  type SetContext,
  type StandardSchema,
  type Store,
  topic,
} from 'semel';
import { CUSTOMER, type Sale } from './client.ts';

const aSale: StandardSchema<Sale, Sale> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Sale }) } };

const sales = topic('sales', { schema: aSale, id: (data) => data.id });
/** What a sale causes. */
export const receipts = topic('receipts', { schema: aSale, id: (data) => `receipt of ${data.id}` });

/** A sale to the one customer that there is, unless another is given. */
export function sale(id: string, customer: string = CUSTOMER): Sale {
  return { id, customer };
}

/** What a handler is given. */
export interface SaleContext {
  readonly message: Message<Sale>;
  readonly tx: unknown;
  readonly publish: Publish;
}

/** @default name one of its own */
type Options = Pick<ConsumerOptions, 'group' | 'timeoutMs'> & { readonly name?: string };

let consumers = 0;

/** A service with one consumer, which external deliveries are handed to. */
export class Shop {
  readonly semel: Semel;
  readonly #consumer: Consumer;

  private constructor(semel: Semel, consumer: Consumer) {
    this.semel = semel;
    this.#consumer = consumer;
  }

  /** Handles sales one by one. */
  static handling(store: Store, handler: (context: SaleContext) => unknown, options: Options = {}): Shop {
    const semel = createSemel({ name: 'shop', store });
    return new Shop(semel, semel.consume(sales, { name: nextName(), publishes: [receipts], group: GROUP, ...options }, handler));
  }

  /** Handles sales as a set. */
  static handlingSets(store: Store, handler: (context: SetContext<Sale, unknown, typeof receipts>) => unknown): Shop {
    const semel = createSemel({ name: 'shop', store });
    return new Shop(semel, semel.consumeSet(sales, { name: nextName(), publishes: [receipts], group: GROUP }, handler));
  }

  /** What became of each: its kind, or with `dead` its reason. */
  async process(...given: readonly (Sale | string)[]): Promise<readonly string[]> {
    const outcomes = await this.semel.process(
      this.#consumer,
      given.map((each) => deliveryOf(typeof each === 'string' ? sale(each) : each)),
    );
    return outcomes.map(wordOf);
  }
}

/** A busy machine must not cut a group. */
const GROUP = { budgetMs: 30_000 };

function nextName(): string {
  consumers += 1;
  return `consumer-${process.pid}-${consumers}`;
}

function deliveryOf(data: Sale): Delivery {
  const message: Message<Sale> = { topic: 'sales', source: 'test', id: data.id, type: 'sales', time: '2026-01-01T00:00:00Z', data, headers: {} };
  return { topic: 'sales', content: { message }, receipt: { kind: 'external' }, attempt: 1 };
}

function wordOf(outcome: Outcome): string {
  return outcome.kind === 'dead' ? `dead: ${outcome.reason}` : outcome.kind;
}
