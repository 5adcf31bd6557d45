/**
 * A bridge between two brokers, as a process that can be killed: `bridge.ts <plan> [<boundary>#<count>]`. It passes each order on as a receipt, with an effect in its own
 * store, and works until its parent is gone.
 */
import { createSemel, type StandardSchema, type Topic, topic } from 'semel';
import type { Broker } from '../broker-crash/broker.ts';
import type { Order } from '../crash/ledger.ts';
import { ledgerOf } from '../crash/ledgers/ledger-of.ts';
import type { Side } from './places.ts';

/** What a bridge is told. */
export interface Plan {
  readonly source: Side;
  readonly sink: Side;
  /** `sqlite`, or the address of an empty Postgres database. */
  readonly store: string;
  readonly dir: string;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as Order }) } };

/** What goes over a side. */
export function topicAt(side: Side): Topic<Order, Order> {
  return topic(side.topic, { schema: anOrder, id: (o) => o.orderId, key: (o) => o.customerId });
}

if (process.argv[1] === import.meta.filename) await work(JSON.parse(process.argv[2] as string) as Plan, process.argv[3]);

async function work({ source, sink, store, dir }: Plan, at: string | undefined): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const [orders, receipts] = [topicAt(source), topicAt(sink)];
  const ledger = ledgerOf(store, dir);
  const routes = { [source.topic]: await transportAt(source), [sink.topic]: await transportAt(sink) };
  const semel = createSemel({ name: 'billing', store: ledger.store('billing'), routes, relay: { leaseMs: 1_000 } });
  semel.consume(orders, { name: 'bridge', publishes: [receipts], leaseMs: 3_000, group: { max: 7 } }, async ({ message, tx, publish }) => {
    await ledger.write(tx, 'booked', message.data);
    await publish(receipts, message.data);
  });
  let seen = 0;
  const [boundary, count] = at?.split('#') ?? [];
  semel.observe(({ type }) => {
    if (type !== boundary || ++seen !== Number(count)) return;
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  });
  await semel.start();
}

/** The transport of a side, in this process. */
export async function transportAt({ module, address }: Side): Promise<ReturnType<Broker['transport']>> {
  const { transport } = (await import(module)) as Broker;
  return transport(address);
}
