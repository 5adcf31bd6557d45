import type { Ledger } from '../ledger.ts';
import { postgresLedger } from './postgres.ts';
import { sqliteLedger } from './sqlite.ts';

/** @param store `sqlite`, for files in the folder; `sqlite:<folder>`, for files in another; or the address of an empty Postgres database */
export function ledgerOf(store: string, dir: string): Ledger<unknown> {
  return store.startsWith('sqlite') ? sqliteLedger(store.slice('sqlite:'.length) || dir) : postgresLedger(store);
}
