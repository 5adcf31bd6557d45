import type { Outcome } from 'semel';
import { deliveryOf, type OrderDelivery, ordersFrom, SERVICE, scatteredOrdersFrom } from '../../messages.ts';
import { deliverTo } from '../../processes/feeders.ts';
import { type Job, serve, timed } from '../../processes/program.ts';
import { consumerOf, type Declaration, openShop, prepareShop, storeOn } from '../shop.ts';
import { connected } from '../tables.ts';

/** What is measured. */
interface Options extends Declaration {
  /** Ids that fall anywhere, rather than ascend. */
  readonly scattered?: boolean;
  /** Whether every message was handled before. */
  readonly duplicates?: boolean;
  /** Records of other messages in the inbox. */
  readonly records?: number;
}

const FILL = `insert into semel.inbox (subscription_id, source, id, fingerprint, at_ms)
  select (select subscription_id from semel.subscriptions where name = 'payments'), '${SERVICE}/orders', encode(sha256(('before ' || n)::bytea), 'hex') || '/placed',
    lpad(n::text, 43, '0'), 0 from generate_series(1, $1::int) n`;

async function prepare({ url, records = 0, duplicates = false, ...job }: Job & Options): Promise<void> {
  await prepareShop(url);
  const client = await connected(url);
  if (records > 0) await client.query(FILL, [records]);
  if (duplicates) await importRecords(url, deliveriesOf(job));
  await client.query('vacuum semel.inbox'); // or whoever reads a row first writes to the log: with checksums a page whose hints change goes there whole
  await client.end();
}

async function importRecords(url: string, deliveries: readonly OrderDelivery[]): Promise<void> {
  const store = storeOn(url);
  const shop = openShop(url, store);
  await shop.open();
  await store.inbox.import(
    'payments',
    deliveries.map(({ content: { message, fingerprint } }) => ({ source: message.source, id: message.id, fingerprint })),
  );
  await shop.close();
}

function deliveriesOf({ first, count, scattered = false }: Pick<Job & Options, 'first' | 'count' | 'scattered'>): readonly OrderDelivery[] {
  return (scattered ? scatteredOrdersFrom : ordersFrom)(first, count).map(deliveryOf);
}

/** Hands over messages that are in memory, a hundred at a time, as a transport would. */
await serve<Options>({
  prepare,
  run: async ({ duplicates = false, ...job }) => {
    const shop = openShop(job.url);
    const process = await shop.processor(consumerOf(shop, job, () => {}));
    const deliveries = deliveriesOf(job);
    const feed = async (_: unknown, batch: readonly OrderDelivery[]): Promise<void> => expectAll(duplicates ? 'duplicate' : 'done', await process(batch));
    return timed(await connected(job.url), job.count, () => deliverTo(Array.from({ length: job.concurrency }), deliveries, feed));
  },
});

function expectAll(kind: Outcome['kind'], outcomes: readonly Outcome[]): void {
  const other = outcomes.find((outcome) => outcome.kind !== kind);
  if (other !== undefined) throw new Error(`a message was ${other.kind}, not ${kind}`);
}
