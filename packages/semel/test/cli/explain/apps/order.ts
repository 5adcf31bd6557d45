import { type StandardSchema, type Topic, topic } from 'semel';

/** What the applications of these tests are about. */
export interface Order {
  readonly orderId: string;
  readonly customer: string;
}

/** Takes whatever comes. */
export const schema: StandardSchema<Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };

/** Orders, as they should be declared. */
export const orders: Topic<Order, Order> = topic('orders', { schema, id: ({ orderId }) => `${orderId}/placed`, key: ({ customer }) => customer });

/** What follows from them. */
export const receipts: Topic<Order, Order> = topic('receipts', { schema, id: ({ orderId }) => `${orderId}/paid` });
