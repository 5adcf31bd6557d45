import type { ProveOptions } from 'semel/prove';
import type { SqliteTransaction } from 'semel/sqlite';
import { charge, proofOf } from './orders.ts';

export const proof: ProveOptions<SqliteTransaction> = proofOf(charge);
