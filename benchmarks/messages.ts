import { hash } from 'node:crypto';
import { canonicalJson, type Delivery, type Message, type StandardSchema, topic } from 'semel';

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
export const orders = topic('orders', { schema: anything<Order>(), id: (order) => `${order.orderId}/placed` });

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
  return Array.from({ length: count }, () => {
    last += 1;
    return deliveryOf(`order-${String(last).padStart(9, '0')}`);
  });
}

/** The next orders with ids that fall anywhere, as random UUIDs do. */
export function scatteredDeliveries(count: number): readonly OrderDelivery[] {
  return Array.from({ length: count }, () => {
    last += 1;
    return deliveryOf(hash('sha256', String(last)));
  });
}

function deliveryOf(orderId: string): OrderDelivery {
  const data: Order = { orderId, account: last % 1000, amount: last % 10_000, body: BODY };
  const message = { topic: orders.name, source: `${SERVICE}/orders`, id: `${orderId}/placed`, type: 'orders', time: '2026-01-01T00:00:00.000Z', data, headers: {} };
  const json = canonicalJson(data);
  return { topic: orders.name, content: { message, json, fingerprint: fingerprintOf(message.type, json) }, receipt: { kind: 'external' }, attempt: 1 };
}

/** SHA-256 over type and data, as Semel stores it. */
export function fingerprintOf(type: string, json: string): string {
  return hash('sha256', `${type}\n${json}`, 'base64url');
}
