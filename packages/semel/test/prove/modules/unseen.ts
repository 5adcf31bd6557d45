import type { ProveOptions } from 'semel/prove';
import type { SqliteTransaction } from 'semel/sqlite';
import { proofOf } from './orders.ts';

/** In memory, and so in each process by itself. */
const charged: string[] = [];

export const proof: ProveOptions<SqliteTransaction> = proofOf(({ order }) => charged.push(order), { effect: () => charged });
