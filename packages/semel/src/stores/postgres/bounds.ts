import type { PostgresSettings } from './postgres-options.ts';

/**
 * For a client that is stopped or gone: the server ends a transaction that does nothing for too long, and finds out within a second that nobody waits for a
 * running statement. Else its locks would hold up everybody until it wakes, or for as long as the statement takes. On Windows the server cannot find out.
 */
const presence = (idleTimeout: string) => `set_config('idle_in_transaction_session_timeout', ${idleTimeout}, true),
    set_config('client_connection_check_interval', case when version() ~ 'msvc|Visual C|mingw' then '0' else '1s' end, true)`;

/** Sets the bounds of a transaction with handlers, and of no other on its connection. */
export const BOUNDS: string = `set_config('lock_timeout', $1, true), ${presence('$2')}`;

/** The values of {@link BOUNDS}. */
export type Bounds = readonly [lockTimeout: string, idleTimeout: string];

/** What a transaction waits for at most, and how long it may do nothing. */
export function boundsOf({ lockTimeoutMs, idleTimeoutMs }: PostgresSettings): Bounds {
  return [`${lockTimeoutMs}ms`, `${idleTimeoutMs}ms`];
}

/** As {@link BOUNDS}, of a transaction without handlers: those wait for one another for as long as it takes. Takes the idle timeout alone. */
export const OWN_BOUNDS: string = `select ${presence('$1')}`;
