import { OwnStatements } from '../../../stores/postgres/connection.ts';
import type { Driver } from '../../../stores/postgres/driver.ts';
import { begin } from '../../../stores/postgres/postgres-database.ts';
import { Sql } from '../../../stores/postgres/sql.ts';
import { type Finding, type Found, failWith, type Thresholds } from '../finding.ts';
import { leases, retention, window } from './data-checks.ts';
import type { Examination, PostgresCheck } from './examination.ts';
import { slots, walLevel } from './replication-checks.ts';
import { drift, grants, schema } from './schema-checks.ts';
import { clock, connections, durability, notifyQueue, server } from './server-checks.ts';
import { idleTransactions, longTransactions } from './session-checks.ts';
import { vacuum } from './vacuum-check.ts';

/** In this order: a check may rely on those before it, and whoever holds a lock is told before one waits for it. */
const CHECKS: Readonly<Record<string, PostgresCheck>> = {
  server,
  connections,
  'idle-transactions': idleTransactions,
  'long-transactions': longTransactions,
  grants,
  schema,
  drift,
  clock,
  vacuum,
  slots,
  'wal-level': walLevel,
  'notify-queue': notifyQueue,
  leases,
  retention,
  window,
  durability,
};

/** What a check waits for at most: it must not hold up the service that it looks at. */
const BOUNDS = "select set_config('statement_timeout', '30s', true), set_config('lock_timeout', '1s', true)";

/**
 * Examines a schema, each check in a transaction that is rolled back; stops at the first that fails.
 * @throws SemelError `store-unavailable` where there is no server to ask
 */
export async function examinePostgres(driver: Driver<unknown>, schemaName: string, thresholds: Thresholds, role: string | undefined): Promise<readonly Finding[]> {
  const begunMs = performance.now();
  const known = { schema: schemaName, thresholds, role, isPooled: () => driver.isPooled(), nowMs: () => thresholds.nowMs + performance.now() - begunMs };
  const findings: Finding[] = [];
  for (const [check, examine] of Object.entries(CHECKS)) {
    const found = await examineOne(examine, driver, known);
    findings.push({ check, ...found });
    if (found.level === 'fail') break;
  }
  return findings;
}

async function examineOne(examine: PostgresCheck, driver: Driver<unknown>, known: Omit<Examination, 'connection' | 'temporary'>): Promise<Found> {
  const transaction = await begin(driver, 'read committed');
  const connectionIn = (schemaName: string) => new OwnStatements(transaction, new Sql(schemaName).unprepared());
  const connection = connectionIn(known.schema);
  try {
    await connection.get(BOUNDS);
    return await examine({ ...known, connection, temporary: connectionIn('pg_temp') });
  } catch (error) {
    return failWith(error);
  } finally {
    await transaction.rollback();
  }
}
