import { type StandardSchema, topic } from 'semel';

/** An order; `number` counts within its customer, from 1. */
export interface Order {
  readonly customer: string;
  readonly number: number;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };

/** What the relays of these tests relay. */
export const orders = topic('orders', { schema: anOrder, id: (order) => `${order.customer}/${order.number}`, key: (order) => order.customer });
