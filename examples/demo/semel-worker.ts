import { once } from 'node:events';
import { type Consumer, createSemel, type Observer, type Semel, type StandardSchema, topic } from 'semel';
import { VISIBILITY_MS } from './broker.ts';
import { brokerTransport } from './broker-transport.ts';
import type { CrashPlan } from './crash-plan.ts';
import { charge, type Ledger, type Payment } from './ledger.ts';
import type { Work } from './mode.ts';

/** In your code: a schema of Zod, Valibot, ArkType or the like. */
const schema: StandardSchema<Payment> = { '~standard': { version: 1, vendor: 'demo', validate: (value) => ({ value: value as Payment }) } };

const payments = topic('payments', { schema, id: (payment) => payment.id });

/** The charge and the record that it was made commit in one transaction of the ledger; the acknowledgement follows. */
export async function semelWorker({ broker, ledger, crashes, stop }: Work): Promise<void> {
  const semel = createSemel({ name: 'shop', store: await ledger.store(), routes: { payments: brokerTransport(broker) }, observe: crashing(crashes) });

  consumePayments(semel, ledger);

  const running = await semel.start();
  if (!stop.aborted) await once(stop, 'abort');
  await running.stop();
}

/** The consumer, as a value: a worker starts it, and a test can prove it. */
export function consumePayments<Tx>(semel: Semel<Tx>, ledger: Ledger<Tx>): Consumer {
  return semel.consume(payments, { name: 'charge', leaseMs: VISIBILITY_MS }, ({ message, tx }) => charge(ledger, tx, message.data));
}

/** Semel tells of every step before it goes on: so a process can die at each. */
function crashing(crashes: CrashPlan): Observer {
  let received: readonly string[] = [];
  return ({ type, messages = [] }) => {
    const ids = messages.map(({ id }) => id);
    if (type === 'received') received = ids;
    for (const id of ids.length > 0 ? ids : received) crashes.at(type, id); // what names no message is about all that were received
  };
}
