import { once } from 'node:events';
import { type Consumer, createSemel, type Running, type Semel, type StandardSchema, topic } from 'semel';
import { VISIBILITY_MS } from './broker.ts';
import { charge, type Ledger, type Payment } from './ledger.ts';
import type { Work } from './mode.ts';
import { persistently } from './persistently.ts';
import { telling } from './telling.ts';

/** In your code: a schema of Zod, Valibot, ArkType or the like. */
const schema: StandardSchema<Payment> = { '~standard': { version: 1, vendor: 'demo', validate: (value) => ({ value: value as Payment }) } };

/** What names no message is about some that were received lately. */
const RECENT = 100;

const payments = topic('payments', { schema, id: (payment) => payment.id });

/** The charge and the record that it was made commit in one transaction of the ledger; the acknowledgement follows. */
export async function startSemel({ broker, ledger, crashes, deliveries }: Work): Promise<Running> {
  let recent: readonly string[] = [];
  const remember = (ids: readonly string[]) => {
    recent = [...recent, ...ids].slice(-RECENT);
  };
  const transport = telling(await broker.transport(), (ids) => {
    remember(ids);
    for (const id of ids) deliveries.note(id);
  });
  const semel = createSemel({ name: 'shop', store: await ledger.store(), routes: { payments: transport } });

  // Semel tells of every step before it goes on: so a process can die at each.
  semel.observe(({ type, messages = [] }) => {
    const ids = messages.map(({ id }) => id);
    if (type === 'received') remember(ids); // from the store's own queue as well
    for (const id of ids.length > 0 ? ids : recent) crashes.at(type, id);
  });

  consumePayments(semel, ledger, broker.leaseMs);

  return persistently(() => semel.start());
}

/** Consumes until it is told to stop. */
export async function semelWorker(work: Work): Promise<void> {
  const running = await startSemel(work);
  if (!work.stop.aborted) await once(work.stop, 'abort');
  await running.stop();
}

/** The consumer, as a value: a worker starts it, and a test can prove it. */
export function consumePayments<Tx>(semel: Semel<Tx>, ledger: Ledger<Tx>, leaseMs: number = VISIBILITY_MS): Consumer {
  return semel.consume(payments, { name: 'charge', leaseMs }, ({ message, tx }) => charge(ledger, tx, message.data));
}
