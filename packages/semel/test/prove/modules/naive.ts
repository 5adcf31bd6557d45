import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ProveOptions } from 'semel/prove';
import type { SqliteTransaction } from 'semel/sqlite';
import { proofOf } from './orders.ts';

/** Stands for a payment service: what it is told is done, whatever becomes of the transaction. */
const bank = process.env['PROVE_BANK'] as string;

export const proof: ProveOptions<SqliteTransaction> = proofOf(({ order }) => appendFileSync(bank, `${order}\n`), {
  effect: () => (existsSync(bank) ? readFileSync(bank, 'utf8').split('\n').filter(Boolean) : []),
});
