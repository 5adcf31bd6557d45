/**
 * A process that charges payments out of a queue: `payment-worker.ts <naive|semel> <endpoint> <queue> <file> [dies]`. It ends itself between the commit of a charge and the delete
 * of its message, if it is told to, and otherwise once nothing is left.
 */
import { DatabaseSync } from 'node:sqlite';
import { createSemel, type StandardSchema, topic } from 'semel';
import { sqlite } from 'semel/sqlite';
import { sqs } from 'semel/sqs';
import { sqsAt } from './queues.ts';

interface Payment {
  readonly paymentId: string;
  readonly cents: number;
}

const VISIBILITY_SECONDS = 2;
const [mode, endpoint, queue, file, dies] = process.argv.slice(2) as ['naive' | 'semel', string, string, string, string | undefined];
const client = sqsAt('elasticmq', endpoint);
if (mode === 'naive') await chargeNaively();
else await chargeWithSemel();

/** What people write. */
async function chargeNaively(): Promise<void> {
  const db = new DatabaseSync(file);
  const { QueueUrl } = await client.getQueueUrl({ QueueName: queue });
  for (;;) {
    const { Messages = [] } = await client.receiveMessage({ QueueUrl, WaitTimeSeconds: VISIBILITY_SECONDS + 1, VisibilityTimeout: VISIBILITY_SECONDS });
    if (Messages.length === 0) return;
    for (const { Body = '', ReceiptHandle } of Messages) {
      const { paymentId, cents } = JSON.parse(Body) as Payment;
      db.prepare('insert into charges (payment_id, cents) values (?, ?)').run(paymentId, cents);
      if (dies) process.kill(process.pid, 'SIGKILL');
      await client.deleteMessage({ QueueUrl, ReceiptHandle });
    }
  }
}

async function chargeWithSemel(): Promise<void> {
  const aPayment: StandardSchema<Payment, Payment> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Payment }) } };
  const payments = topic('payments', { schema: aPayment, id: (p) => p.paymentId });
  const route = sqs({ client, queue, foreign: { source: 'checkout', id: { field: 'paymentId' } } });
  const retention = { inboxMs: 45 * 86_400_000 }; // as long as the queue and its dead-letter queue can keep a message
  const billing = createSemel({ name: 'billing', store: sqlite(file), routes: { payments: route }, retention });
  billing.consume(payments, { name: 'charge', leaseMs: VISIBILITY_SECONDS * 1_000, timeoutMs: 1_000 }, ({ message, tx }) => {
    tx.prepare('insert into charges (payment_id, cents) values (?, ?)').run(message.data.paymentId, message.data.cents);
  });
  billing.observe(({ type }) => {
    if (!dies || type !== 'settling') return;
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  });
  const running = await billing.start();
  await running.idle();
  await running.stop();
}
