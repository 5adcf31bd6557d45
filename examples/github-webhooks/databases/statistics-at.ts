import type { Statistics } from '../statistics.ts';

/** The statistics at an address: the URL of a Postgres database, or the path of a file. */
export async function statisticsAt(address: string): Promise<Statistics<unknown>> {
  if (/^postgres(ql)?:/.test(address)) return (await import('./postgres.ts')).postgresStatistics(address);
  return (await import('./sqlite.ts')).sqliteStatistics(address);
}
