import { type ErrorCode, SemelError } from '../../core/errors.ts';

/** What an SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) means for a store; those absent are the user's own, such as a failed constraint. */
const BY_STATE: Readonly<Record<string, { readonly code: ErrorCode; readonly what: string }>> = {
  '40001': { code: 'store-conflict', what: 'could not be serialized with another transaction' },
  '40P01': { code: 'store-conflict', what: 'was chosen to end a deadlock' },
  '25006': { code: 'store-readonly', what: 'went to a server that only reads; a replica?' },
  '25P03': { code: 'handler-timeout', what: 'was ended by the server, because it did nothing for longer than idleTimeoutMs' },
  '25P04': { code: 'handler-timeout', what: 'was ended by the server, because it took longer than transaction_timeout allows' },
  '53100': { code: 'store-full', what: 'failed: the disk of the database is full' },
  '42501': { code: 'store-forbidden', what: 'was refused: the role lacks a grant' },
  '3F000': { code: 'schema-missing', what: 'found no such schema' },
  XX001: { code: 'store-corrupt', what: 'met damaged data' },
  XX002: { code: 'store-corrupt', what: 'met a damaged index' },
};

/** Classes of states: connections, resources, operators, and the server's own. */
const BY_CLASS: Readonly<Record<string, ErrorCode>> = { '08': 'store-unavailable', '28': 'store-unavailable', '53': 'store-unavailable', '58': 'store-unavailable' };
const ENDED: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '3D000']);

/** Those that a statement of Semel's own can meet, where they are nobody's fault; in a handler's statement they are its own. */
const OWN: Readonly<Record<string, { readonly code: ErrorCode; readonly what: string }>> = {
  '55P03': { code: 'store-busy', what: 'waited too long for a lock' },
  '57014': { code: 'store-busy', what: 'was cancelled, or took longer than statement_timeout allows' },
  '42P01': { code: 'schema-missing', what: "found none of Semel's tables" },
  '42703': { code: 'schema-outdated', what: 'found a column missing' },
};

/** Turns an error of the database or the connection that is the store's trouble into a SemelError; anything else comes back as it is. */
export function translateError(error: unknown): unknown {
  if (error instanceof SemelError) return error;
  const state = stateOf(error);
  if (state === undefined) return isConnectionError(error) ? trouble('store-unavailable', 'lost its connection', error) : error;
  const known = BY_STATE[state];
  if (known !== undefined) return trouble(known.code, known.what, error, state);
  const code = ENDED.has(state) ? 'store-unavailable' : BY_CLASS[state.slice(0, 2)];
  return code === undefined ? error : trouble(code, 'was ended by the server', error, state);
}

/** As {@link translateError}, of a statement of Semel's own: there a timeout is nobody's fault, and a missing table is Semel's. */
export function translateOwn(error: unknown): unknown {
  const state = error instanceof SemelError ? undefined : stateOf(error);
  if (state === undefined && error instanceof Error && QUERY_TIMEOUT.test(error.message)) return trouble('store-unavailable', 'got no answer in time', error);
  const known = state === undefined ? undefined : OWN[state];
  return known === undefined ? translateError(error) : trouble(known.code, known.what, error, state);
}

/** Whether the server itself answered that it refuses; otherwise nobody knows what became of the statement. */
export function isRefusal(error: unknown): boolean {
  const state = stateOf(error);
  return state !== undefined && !ENDED.has(state) && !state.startsWith('08') && severityOf(error) !== 'FATAL' && severityOf(error) !== 'PANIC';
}

/** Whether the statement failed because an earlier one has aborted the transaction. */
export function isAborted(error: unknown): boolean {
  return stateOf(error) === '25P02';
}

/** The SQLSTATE of an error, of whatever client: their names for it differ. */
export function stateOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { originalCode, code, cause, original, driverError, meta, parent } = at as Record<string, unknown>;
    const { code: metaCode, driverAdapterError } = (meta ?? {}) as { readonly code?: unknown; readonly driverAdapterError?: unknown };
    for (const candidate of [originalCode, code, metaCode]) if (typeof candidate === 'string' && SQL_STATE.test(candidate)) return candidate;
    at = cause ?? driverError ?? original ?? parent ?? driverAdapterError;
  }
  return undefined;
}

/** Prisma's own codes, from P1000 on, look the same. */
const SQL_STATE = /^(?=.*\d)(?!P[1-9])[0-9A-Z]{5}$/;

function severityOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'severity' in error ? error.severity : undefined;
}

const CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
]);

/** pg and Prisma say some of it in words alone. */
const CONNECTION_WORDS =
  /connection (terminated|ended|closed|is closed|error|timeout)|not queryable|client was closed|timeout exceeded when trying to connect|server (has )?closed the connection|can't reach database server/i;

/** Of a user's own time limit for queries. */
const QUERY_TIMEOUT = /query read timeout/i;

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (CONNECTION_CODES.has((error as { code?: unknown }).code) || CONNECTION_WORDS.test(error.message)) return true;
  return error.cause !== undefined && isConnectionError(error.cause);
}

function trouble(code: ErrorCode, what: string, cause: unknown, sqlState?: string): SemelError {
  const said = cause instanceof Error ? `: ${cause.message}` : '';
  return new SemelError(code, `a transaction of the Postgres store ${what}${said}`, { cause, details: sqlState === undefined ? {} : { sqlState } });
}
