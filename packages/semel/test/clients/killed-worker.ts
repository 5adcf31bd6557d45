/** A process that handles one sale and ends itself with SIGKILL at a boundary: `killed-worker.ts <module of the client> <url> <boundary> <sale>`. */
import type { ClientModule } from './client.ts';
import { receipts, Shop } from './shop.ts';

const [modulePath, url, boundary, id] = process.argv.slice(2) as [string, string, string, string];
const { open } = (await import(modulePath)) as ClientModule;
const client = await open(url);

const shop = Shop.handling(
  client.store,
  async ({ message, tx, publish }) => {
    await client.insert(tx, message.data);
    await publish(receipts, message.data);
  },
  { name: 'killed' },
);
shop.semel.observe(({ type }) => {
  if (type !== boundary) return;
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {}); // nothing more happens, even where the signal takes a moment
});
await shop.process(id);
process.exit(); // it was not killed: the suite sees it
