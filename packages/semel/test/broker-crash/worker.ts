/**
 * A process of a broker's crash test: `worker.ts <plan> <shop|billing|fragile> [<boundary>#<count>]`. The shop places its orders and relays them to the broker; billing books
 * each once; a fragile process dies of one of them each time. It kills itself at the count-th lifecycle event of that name, if one is given, and otherwise
 * works until its parent is gone.
 */
import { setTimeout } from 'node:timers/promises';
import { createSemel, type Semel, type StandardSchema, topic } from 'semel';
import type { Ledger, Order } from '../crash/ledger.ts';
import { ledgerOf } from '../crash/ledgers/ledger-of.ts';
import type { Broker, Plan, Role } from './broker.ts';

const [given, role, at] = process.argv.slice(2) as [string, Role, string | undefined];
process.on('disconnect', () => process.exit(0));

const plan = JSON.parse(given) as Plan;
const { transport } = (await import(plan.module)) as Broker;
const ledger = ledgerOf(plan.store, plan.dir);
const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as Order }) } };
const orders = topic(plan.topic, { schema: anOrder, id: (o) => `${o.orderId}/placed`, key: (o) => o.customerId, source: 'shop/orders' });
const POLICIES = { leaseMs: 3_000, retry: { attempts: 100, baseMs: 20, capMs: 100 }, group: { max: 7 } } as const;
const CUSTOMERS = 7;
const KILLER = 'order-20';

const semel = { shop, billing, fragile }[role](ledger);
if (at !== undefined) dieAt(semel, at);
const running = await semel.start();
process.on('message', async () => {
  await running.idle();
  process.send?.('idle');
});
process.send?.('started');
if (role === 'shop') await place(semel, ledger);

function shop<Tx>(of: Ledger<Tx>): Semel<Tx> {
  return createSemel({ name: 'shop', store: of.store('shop'), routes: { [plan.topic]: transport(plan.address) }, relay: { leaseMs: 1_000 } });
}

/** Every eleventh order fails at first. */
function billing<Tx>(of: Ledger<Tx>): Semel<Tx> {
  const made = createSemel({ name: 'billing', store: of.store('billing'), routes: { [plan.topic]: transport(plan.address) } });
  made.consume(orders, { name: 'book', ...POLICIES }, async ({ message, tx, attempt }) => {
    await of.write(tx, 'booked', message.data);
    if (message.data.number % 11 === 5 && attempt < 2) throw new Error('no luck');
  });
  return made;
}

/** One order ends its process at every try. */
function fragile<Tx>(of: Ledger<Tx>): Semel<Tx> {
  const made = createSemel({ name: 'billing', store: of.store('billing'), routes: { [plan.topic]: transport(plan.address) } });
  made.consume(orders, { name: 'poisoned', ...POLICIES, retry: { attempts: 2 } }, async ({ message, tx }) => {
    if (message.data.orderId === KILLER) process.kill(process.pid, 'SIGKILL');
    await of.write(tx, 'survived', message.data);
  });
  return made;
}

/** Goes on where an earlier process was killed: what is in `placed` was committed. */
async function place<Tx>(semel: Semel<Tx>, of: Ledger<Tx>): Promise<void> {
  const done = new Set(await semel.transaction(({ tx }) => of.ids(tx, 'placed')));
  for (let number = 0; number < plan.orders; number++) {
    const order = { orderId: `order-${number}`, customerId: `customer-${number % CUSTOMERS}`, number };
    if (done.has(order.orderId)) continue;
    await semel.transaction(async ({ tx, publish }) => {
      await of.write(tx, 'placed', order);
      await publish(orders, order);
    });
    if (plan.paceMs !== undefined) await setTimeout(plan.paceMs);
  }
  process.send?.('placed');
}

function dieAt(target: Semel<never> | Semel<unknown>, boundaryAndCount: string): void {
  const [boundary, count] = boundaryAndCount.split('#');
  let seen = 0;
  target.observe(({ type }) => {
    if (type !== boundary || ++seen !== Number(count)) return;
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  });
}
