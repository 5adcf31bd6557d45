/** The judge, in a process of its own: `count.ts <ledger.db> <published.json>`. It knows what was published, and what the ledger says. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Payment } from './ledger.ts';

const [ledgerPath = '', publishedPath = ''] = process.argv.slice(2);
const published: readonly Payment[] = JSON.parse(readFileSync(publishedPath, 'utf8'));
const rows = new DatabaseSync(ledgerPath, { readOnly: true }).prepare('select payment, count(*) as times from charges group by payment').all();
const charges = new Map(rows.map(({ payment, times }) => [payment, Number(times)]));
const timesOf = ({ id }: Payment) => charges.get(id) ?? 0;

console.log(
  JSON.stringify({
    lost: published.filter((payment) => timesOf(payment) === 0).length,
    duplicated: published.filter((payment) => timesOf(payment) > 1).length,
  }),
);
