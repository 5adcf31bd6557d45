import { type ErrorCode, SemelError } from '../../core/errors.ts';

/** What the driver's primary result codes (https://sqlite.org/rescode.html) mean for a store; those absent are the user's own, such as a failed constraint. */
const STORE_TROUBLE: Readonly<Record<number, { readonly code: ErrorCode; readonly what: string }>> = {
  5: { code: 'store-busy', what: 'is locked by another connection' },
  8: { code: 'store-readonly', what: 'cannot be written' },
  10: { code: 'store-unavailable', what: 'could not be read or written: the operating system reported an error' },
  11: { code: 'store-corrupt', what: 'is damaged' },
  13: { code: 'store-full', what: 'cannot grow: the disk, or the limit of its pages, is full' },
  14: { code: 'store-unavailable', what: 'cannot be opened: does its folder exist, and may this process write there?' },
  15: { code: 'store-busy', what: 'is being opened or recovered by too many connections at once' },
  26: { code: 'store-corrupt', what: 'is not an SQLite database' },
};

/** SQLITE_READONLY_DBMOVED: the file was renamed or removed under the open connection. */
const MOVED = 1032;

/** Turns an error of the driver that is the store's trouble into a SemelError; anything else comes back as it is. */
export function translateError(error: unknown, path: string): unknown {
  const code = driverCode(error);
  if (code === undefined) return error;
  if (code === MOVED) return new SemelError('store-unavailable', `the database ${path} was moved or deleted while it was open`, { cause: error });
  const trouble = STORE_TROUBLE[code & 0xff];
  return trouble === undefined ? error : new SemelError(trouble.code, `the database ${path} ${trouble.what}`, { cause: error, details: { sqliteCode: code } });
}

/** Whether the write lock, or a lock that opening needs, is another connection's. */
export function isBusy(error: unknown): boolean {
  const primary = (driverCode(error) ?? 0) & 0xff;
  return primary === 5 || primary === 15 || (error instanceof SemelError && error.code === 'store-busy');
}

/** Whether the connection may have been harmed by what went wrong. */
export function isTrouble(error: unknown): boolean {
  return error instanceof SemelError && error.code.startsWith('store-') && error.code !== 'store-busy';
}

/** The extended result code of an error of node:sqlite. */
function driverCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}
