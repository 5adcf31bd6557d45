import { SemelError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason-of.ts';
import { stateOf } from '../../stores/postgres/postgres-errors.ts';
import { type CliPool, loadPg } from './load-pg.ts';
import type { PostgresAddress } from './postgres-address.ts';

const CONNECT_MS = 10_000;

/** What a refusal at the door means, by its SQLSTATE: an address can be wrong in ways that a running service never meets. */
const HINTS: Readonly<Record<string, string>> = {
  '28P01': 'the password is taken from the address, PGPASSWORD or ~/.pgpass',
  '28000': 'the role and pg_hba.conf of the server decide who may come in',
  '53300': '`select application_name, count(*) from pg_stat_activity group by 1` tells whose they are',
};

/**
 * A pool whose first connection stands.
 * @throws SemelError `driver-missing`, `store-missing` where there is no such database, `store-unavailable`; none shows a password
 */
export async function connectPg({ connectionString, shown }: PostgresAddress): Promise<CliPool> {
  const { Pool } = await loadPg();
  const pool = new Pool({ connectionString, max: 3, connectionTimeoutMillis: CONNECT_MS, fallback_application_name: 'semel' });
  pool.on('error', () => {}); // of an idle connection; whoever needs one gets another
  try {
    (await pool.connect()).release();
    return pool;
  } catch (error) {
    await pool.end();
    throw refusalOf(error, shown);
  }
}

function refusalOf(cause: unknown, shown: string): SemelError {
  const state = stateOf(cause);
  const said = `no connection to ${shown}: ${saidBy(cause)}`;
  if (state === '3D000') return new SemelError('store-missing', `${said}; \`createdb\` makes a database, \`semel migrate\` only its tables`, { cause });
  const hint = state === undefined ? undefined : HINTS[state];
  return new SemelError('store-unavailable', hint === undefined ? said : `${said}; ${hint}`, { cause });
}

function saidBy(cause: unknown): string {
  const reason = reasonOf(cause);
  return /password must be a (non-empty )?string/.test(reason) ? 'the server asks for a password, and none was given' : reason;
}
