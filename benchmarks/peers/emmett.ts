import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { type Order, ordersFrom } from '../messages.ts';
import { connected, createTables, handleAtOnce } from '../postgres/tables.ts';
import { Countdown } from '../processes/countdown.ts';
import { drained, type Job, type Report, serve, timed } from '../processes/program.ts';

const BATCH = 100;

async function prepare({ url, first, count }: Job): Promise<void> {
  await createTables(url);
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  for (let at = 0; at < count; at += 500) {
    const events = ordersFrom(first + at, Math.min(500, count - at)).map((data) => ({ type: 'Placed', data }));
    await store.appendToStream(`orders-${at}`, events);
  }
  await store.close();
}

async function run({ url, count }: Job): Promise<Report> {
  const admin = await connected(url);
  const countdown = new Countdown(count);
  const consumer = getPostgreSQLEventStore(url).consumer({ pulling: { batchSize: BATCH, pullingFrequencyInMs: 1 } });
  consumer.reactor<Order>({
    processorId: 'payments',
    startFrom: 'BEGINNING',
    eachMessage: async ({ data }, { connection }) => {
      await connection.client.query(handleAtOnce(data));
      countdown.tick();
    },
  });
  return timed(admin, count, async () => {
    void consumer.start();
    await countdown.over;
    await drained(admin, `select 1 having (select count(*) from shop.payments) < ${count}`);
  });
}

/** A reactor with batches of a hundred, whose checkpoint commits with its effects. */
await serve({ prepare, run });
