/** The judge, in a process of its own: `count.ts <ledger> <published.json>`. It knows what was published, and what the ledger says. */
import { readFileSync } from 'node:fs';
import type { Payment } from './ledger.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';

const [address = '', publishedPath = ''] = process.argv.slice(2);
const published: readonly Payment[] = JSON.parse(readFileSync(publishedPath, 'utf8'));
const ledger = await ledgerOf(address);
const charges = new Map((await ledger.count()).map(({ payment, times }) => [payment, times]));
await ledger.close();
const timesOf = ({ id }: Payment) => charges.get(id) ?? 0;

console.log(
  JSON.stringify({
    lost: published.filter((payment) => timesOf(payment) === 0).length,
    duplicated: published.filter((payment) => timesOf(payment) > 1).length,
  }),
);
