import type { PostgresSettings } from './postgres-options.ts';
import { failing } from './sql.ts';

/**
 * For a client that is stopped or gone: the server ends a transaction that does nothing for too long, and finds out within a second that nobody waits for a
 * running statement. Else its locks would hold up everybody until it wakes, or for as long as the statement takes. On Windows the server cannot find out.
 */
const presence = (idleTimeout: string) => `set_config('idle_in_transaction_session_timeout', ${idleTimeout}, true),
    set_config('client_connection_check_interval', case when version() ~ 'msvc|Visual C|mingw' then '0' else '1s' end, true)`;

const MARK_BEGUN = "set_config('semel.begun', 'yes', true)";

/** Begins a transaction with handlers: sets its bounds, of this one and no other on its connection. Goes out with BEGIN, before anything else. */
export const BOUNDS: string = `select set_config('lock_timeout', $1, true), ${presence('$2')}, ${MARK_BEGUN}`;

/** The values of {@link BOUNDS}. */
export type Bounds = readonly [lockTimeout: string, idleTimeout: string];

/** What a transaction waits for at most, and how long it may do nothing. */
export function boundsOf({ lockTimeoutMs, idleTimeoutMs }: PostgresSettings): Bounds {
  return [`${lockTimeoutMs}ms`, `${idleTimeoutMs}ms`];
}

/** As {@link BOUNDS}, of a transaction without handlers: those wait for one another for as long as it takes. Takes the idle timeout alone. */
export const OWN_BOUNDS: string = `select ${presence('$1')}, ${MARK_BEGUN}`;

/** What the error of a statement says whose BEGIN was refused. */
export const NOT_BEGUN = 'BEGIN was refused';

/**
 * A column that makes its statement fail unless BEGIN was obeyed. Nobody waits for the answer to BEGIN; where it was refused, by a cancellation that came late,
 * each statement behind it would be a transaction of its own. A setting that holds until the end of a transaction tells.
 */
export const BEGUN: string = `case when current_setting('semel.begun', true) = 'yes' then 0 else ${failing(NOT_BEGUN, "coalesce(current_setting('semel.begun', true), '')")} end as begun`;

/**
 * Settings that are off where a statement reads few rows of large tables. A table that was small when it was analyzed is planned as if it were for as long as the
 * plan is kept, however long it is by now: it would be gathered, sorted and hashed whole, instead of walked along its indexes. Never on while a handler runs.
 */
export const ALONG_INDEXES: readonly string[] = ['enable_bitmapscan', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'];

/** Switches settings off for the rest of the transaction. */
export const off = (...settings: readonly string[]): string => settings.map((setting) => `set_config('${setting}', 'off', true)`).join(', ');
