/** A worker that is deployed: `rolling-worker.ts <naive|semel> <url> <exchange> <file of charges>`. Charges what is in its queue, until SIGTERM. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { connect } from 'amqplib';
import { createSemel, type StandardSchema, topic } from 'semel';
import { rabbitmq } from 'semel/rabbitmq';
import { sqlite } from 'semel/sqlite';

const [kind, url, exchange, file] = process.argv.slice(2) as ['naive' | 'semel', string, string, string];
const queue = `${exchange}.charge`;
/** What a charge takes beside its insert: mail, metrics, a log. */
const AFTERWARDS_MS = 20;

process.on('disconnect', () => process.exit(1));
await (kind === 'naive' ? chargeByHand() : chargeWithSemel());

/** Insert, then acknowledge; and end when told to. */
async function chargeByHand(): Promise<void> {
  const db = new DatabaseSync(file, { timeout: 5_000 });
  const channel = await (await connect(url)).createChannel();
  await channel.prefetch(1);
  await channel.consume(queue, async (message) => {
    if (message === null) return;
    const { id } = JSON.parse(message.content.toString());
    db.prepare('insert into charges values (?)').run(id);
    await setTimeout(AFTERWARDS_MS);
    channel.ack(message);
  });
  process.on('SIGTERM', () => process.exit(0));
  process.send?.('ready');
}

async function chargeWithSemel(): Promise<void> {
  const schema: StandardSchema<{ readonly id: string }> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as { readonly id: string } }) } };
  const charges = topic(exchange, { schema, id: ({ id }) => id });
  const route = rabbitmq(() => connect(url), { queue: () => queue, foreign: { source: 'shop', id: { field: 'id' } } });
  const service = createSemel({ name: 'payments', store: sqlite(file), routes: { [exchange]: route } });
  service.consume(charges, { name: 'charge', group: { max: 5 } }, async ({ message, tx }) => {
    tx.prepare('insert into charges values (?)').run(message.data.id);
    await setTimeout(AFTERWARDS_MS);
  });
  const running = await service.start();
  process.send?.('ready');
  await running.untilSignal();
  process.exit(0);
}
