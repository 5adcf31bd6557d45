import type { Ledger } from '../ledger.ts';

/** The ledger at an address: the URL of a Postgres database, or the path of a file. No process loads the client of the other. */
export async function ledgerOf(address: string): Promise<Ledger<unknown>> {
  if (/^postgres(ql)?:/.test(address)) return (await import('./postgres.ts')).postgresLedger(address);
  return (await import('./sqlite.ts')).sqliteLedger(address);
}
