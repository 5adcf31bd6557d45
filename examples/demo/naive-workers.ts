import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Held } from './broker.ts';
import { charge } from './ledger.ts';
import type { Work } from './mode.ts';
import { decodePayment } from './payments.ts';

const POLL_MS = 10;

/** Acknowledge, then handle: a crash between the two loses the payment. */
export async function acknowledgeFirst({ broker, ledger, crashes, stop }: Work): Promise<void> {
  for await (const message of deliveries(broker, stop)) {
    const payment = decodePayment(message.body);
    if (!broker.acknowledge(message)) continue;
    crashes.at('between', payment.id);
    await charge(ledger, ledger.autocommit, payment);
  }
}

/** Handle, then acknowledge: a crash between the two charges the payment again. So does a message that comes twice. */
export async function acknowledgeAfter({ broker, ledger, crashes, stop }: Work): Promise<void> {
  for await (const message of deliveries(broker, stop)) {
    const payment = decodePayment(message.body);
    await charge(ledger, ledger.autocommit, payment);
    crashes.at('between', payment.id);
    broker.acknowledge(message);
  }
}

async function* deliveries(broker: Broker, stop: AbortSignal): AsyncGenerator<Held> {
  while (!stop.aborted) {
    const received = broker.receive();
    yield* received;
    if (received.length === 0) await sleep(POLL_MS);
  }
}
