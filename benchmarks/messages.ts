import { hash } from 'node:crypto';
import { canonicalJson, type Delivery, type Message, type StandardSchema, type Topic, topic } from 'semel';

/** What both sides handle: about 230 bytes of JSON. */
export interface Order {
  readonly orderId: string;
  readonly account: number;
  readonly amount: number;
  readonly body: string;
}

/** Takes everything: what a validator costs is the validator's. */
function anything<Data>(): StandardSchema<Data> {
  return { '~standard': { version: 1, vendor: 'benchmarks', validate: (value) => ({ value: value as Data }) } };
}

/** The name of the service: sources begin with it. */
export const SERVICE = 'shop';

/** What comes in. */
export const orders = topic('orders', { schema: anything<Order>(), id: placedId });

/** The same under another name, at a broker: its messages are of the same type. */
export function ordersNamed(name: string): Topic<Order, Order> {
  return topic(name, { schema: anything<Order>(), id: placedId, type: 'orders' });
}

/** What each order causes; routed to a broker, so that publishing fills the outbox. */
export const receipts = topic('receipts', { schema: anything<Order>(), id: (order) => `${order.orderId}/paid` });

/** The same with an order per account, one of a thousand. */
export const keyedReceipts = topic('receipts', { schema: anything<Order>(), id: (order) => `${order.orderId}/paid`, key: (order) => order.account });

/** A message as a transport hands it over, with the text and the fingerprint that travelled with it. */
export interface OrderDelivery extends Delivery {
  readonly content: { readonly message: Message<Order>; readonly fingerprint: string; readonly json: string };
}

/** The bulk of an order. */
export const BODY: string = 'x'.repeat(180);

/** Orders up to this number are for filling tables before a measurement. */
const RESERVED = 2_000_000;

let last = RESERVED;

/** The next orders, each new: ids ascend, as those of business events do. */
export function nextDeliveries(count: number): readonly OrderDelivery[] {
  last += count;
  return ordersFrom(last - count + 1, count).map(deliveryOf);
}

/** Orders by their numbers: ids ascend. */
export function ordersFrom(first: number, count: number): readonly Order[] {
  return Array.from({ length: count }, (_, index) => orderOf(`order-${String(first + index).padStart(9, '0')}`, first + index));
}

/** Orders with ids that fall anywhere. */
export function scatteredOrdersFrom(first: number, count: number): readonly Order[] {
  return Array.from({ length: count }, (_, index) => orderOf(hash('sha256', String(first + index)), first + index));
}

/** The next orders with ids that fall anywhere, as random UUIDs do. */
export function scatteredDeliveries(count: number): readonly OrderDelivery[] {
  last += count;
  return scatteredOrdersFrom(last - count + 1, count).map(deliveryOf);
}

function orderOf(orderId: string, number: number): Order {
  return { orderId, account: number % 1000, amount: number % 10_000, body: BODY };
}

/** The id of the message that an order is placed with. */
export function placedId({ orderId }: Order): string {
  return `${orderId}/placed`;
}

/** An order as a transport hands it over. */
export function deliveryOf(data: Order): OrderDelivery {
  const message = { topic: orders.name, source: `${SERVICE}/orders`, id: placedId(data), type: 'orders', time: '2026-01-01T00:00:00.000Z', data, headers: {} };
  const json = canonicalJson(data);
  return { topic: orders.name, content: { message, json, fingerprint: fingerprintOf(message.type, json) }, receipt: { kind: 'external' }, attempt: 1 };
}

/** SHA-256 over type and data, as Semel stores it. */
export function fingerprintOf(type: string, json: string): string {
  return hash('sha256', `${type}\n${json}`, 'base64url');
}
