import { type ErrorCode, SemelError } from '../../core/errors.ts';
import { NOT_BEGUN } from './bounds.ts';

/** `anywhere`: in a handler's statement too it is nobody's fault. `own`: only in one of Semel's own; in a handler's it is that handler's failure. */
type Where = 'anywhere' | 'own';

/** What an SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or all that begin so, mean for a store; those absent are the user's own, such as a failed constraint. */
const MEANINGS: Readonly<Record<string, readonly [code: ErrorCode, where: Where, what: string]>> = {
  '08': ['store-unavailable', 'anywhere', 'lost its connection'],
  '25006': ['store-readonly', 'anywhere', 'went to a server that only reads; a replica?'],
  '25P03': ['handler-timeout', 'anywhere', 'was ended by the server, because it did nothing for longer than idleTimeoutMs'],
  '25P04': ['handler-timeout', 'anywhere', 'was ended by the server, because it took longer than transaction_timeout allows'],
  '28': ['store-unavailable', 'own', 'was not let in by the server'],
  '3D000': ['store-unavailable', 'own', 'found no such database'],
  '3F000': ['schema-missing', 'own', 'found no such schema'],
  '40001': ['store-conflict', 'anywhere', 'could not be serialized with another transaction'],
  '40P01': ['store-conflict', 'anywhere', 'was chosen to end a deadlock'],
  '42501': ['store-forbidden', 'own', 'was refused: the role lacks a grant'],
  '42703': ['schema-outdated', 'own', 'found a column missing'],
  '42P01': ['schema-missing', 'own', "found none of Semel's tables"],
  '53': ['store-unavailable', 'anywhere', 'met a server that is short of resources'],
  '53100': ['store-full', 'anywhere', 'failed: the disk of the database is full'],
  '53400': ['store-unavailable', 'own', 'went beyond a limit that the server sets'],
  '55P03': ['store-busy', 'own', 'waited too long for a lock'],
  '57014': ['store-busy', 'own', 'was cancelled, or took longer than statement_timeout allows'],
  '57P': ['store-unavailable', 'anywhere', 'was ended by the server'],
  '58': ['store-unavailable', 'own', 'met an error of the system that the server runs on'],
  XX001: ['store-corrupt', 'anywhere', 'met damaged data'],
  XX002: ['store-corrupt', 'anywhere', 'met a damaged index'],
};

/** Turns an error that a handler's statement met, if it is no fault of the handler, into a SemelError; anything else comes back as it is. */
export function translateError(error: unknown): unknown {
  return translate(error, ['anywhere']);
}

/** As {@link translateError}, of a statement of Semel's own: there a timeout is nobody's fault, and a missing table is Semel's. */
export function translateOwn(error: unknown): unknown {
  const said = !(error instanceof SemelError) && stateOf(error) === undefined && error instanceof Error ? error.message : '';
  if (QUERY_TIMEOUT.test(said)) return trouble('store-unavailable', 'got no answer in time', error);
  if (error instanceof Error && error.message.includes(NOT_BEGUN)) return trouble('store-busy', 'was not begun', error);
  return translate(error, ['anywhere', 'own']);
}

function translate(error: unknown, where: readonly Where[]): unknown {
  if (error instanceof SemelError) return error;
  const state = stateOf(error);
  if (state === undefined) return isConnectionError(error) ? trouble('store-unavailable', 'lost its connection', error) : error;
  const meaning = MEANINGS[state] ?? MEANINGS[state.slice(0, 3)] ?? MEANINGS[state.slice(0, 2)];
  return meaning !== undefined && where.includes(meaning[1]) ? trouble(meaning[0], meaning[2], error, state) : error;
}

/** States that come with the end of the connection. */
const ENDS = /^(08|57P|3D000)/;

/** Whether the server itself answered that it refuses; otherwise nobody knows what became of the statement. */
export function isRefusal(error: unknown): boolean {
  const state = stateOf(error);
  return state !== undefined && !ENDS.test(state) && severityOf(error) !== 'FATAL' && severityOf(error) !== 'PANIC';
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
