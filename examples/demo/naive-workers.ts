import { charge } from './ledger.ts';
import type { Mode, Work } from './mode.ts';
import { decodePayment } from './payments.ts';

/** Acknowledge, then handle: a crash between the two loses the payment. */
function acknowledgeFirst({ broker, ledger, crashes, deliveries, stop }: Work): Promise<void> {
  return broker.consume(async (message) => {
    const payment = decodePayment(message.body);
    deliveries.note(payment.id);
    if (!(await message.acknowledge())) return;
    crashes.at('between', payment.id);
    await charge(ledger, ledger.autocommit, payment);
  }, stop);
}

/** Handle, then acknowledge: a crash between the two charges the payment again. So does a message that comes twice. */
function acknowledgeAfter({ broker, ledger, crashes, deliveries, stop }: Work): Promise<void> {
  return broker.consume(async (message) => {
    const payment = decodePayment(message.body);
    deliveries.note(payment.id);
    await charge(ledger, ledger.autocommit, payment);
    crashes.at('between', payment.id);
    await message.acknowledge();
  }, stop);
}

/** The controls. */
export const NAIVE: Readonly<Record<Exclude<Mode, 'semel'>, (work: Work) => Promise<void>>> = { 'acknowledge-first': acknowledgeFirst, 'acknowledge-after': acknowledgeAfter };
