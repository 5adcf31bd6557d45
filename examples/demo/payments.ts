import type { Payment } from './ledger.ts';

/** Payments to be made, with ids that sort. */
export function payments(count: number): readonly Payment[] {
  return Array.from({ length: count }, (_, index) => ({ id: `P${String(index + 1).padStart(6, '0')}`, cents: 100 + index }));
}

/** A payment as it travels: a CloudEvent, whose id is made from what happened, so that it is the same at every delivery. */
export function encodePayment(payment: Payment): string {
  return JSON.stringify({ specversion: '1.0', source: 'shop/payments', type: 'payments', id: payment.id, time: new Date().toISOString(), data: payment });
}

/** The payment that a message carries. */
export function decodePayment(body: string): Payment {
  return JSON.parse(body).data;
}
