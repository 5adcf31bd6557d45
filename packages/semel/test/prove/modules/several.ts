import type { ProveOptions } from 'semel/prove';
import type { SqliteTransaction } from 'semel/sqlite';
import { charge, proofOf } from './orders.ts';

export const payments: ProveOptions<SqliteTransaction> = proofOf(charge);
export const mails: ProveOptions<SqliteTransaction> = { ...payments, consumer: { ...payments.consumer, name: 'mails' } };
export const other = { consumer: 'none' };
