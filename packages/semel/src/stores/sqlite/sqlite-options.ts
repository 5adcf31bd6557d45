import { resolve } from 'node:path';
import { SemelError } from '../../core/errors.ts';

/** How {@link sqlite} opens its file. */
export interface SqliteOptions {
  /** How long to wait for the write lock while another process holds it. @default 5000 */
  readonly lockTimeoutMs?: number;
  /** `FULL` is on the disk before a commit returns; `NORMAL` may lose the newest commits when the power fails. @default 'FULL' */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** Apply pending migrations when the store opens; otherwise a pending one is refused. @default true */
  readonly migrate?: boolean;
  /** The page cache of each of the two connections, in megabytes. @default 64 */
  readonly cacheMb?: number;
}

/** Options with their defaults, checked and frozen. */
export type SqliteSettings = Readonly<Required<SqliteOptions>>;

const DEFAULTS: SqliteSettings = { lockTimeoutMs: 5000, synchronous: 'FULL', migrate: true, cacheMb: 64 };

const CHECKS: { readonly [Name in keyof SqliteSettings]: { readonly wanted: string; readonly holds: (value: unknown) => boolean } } = {
  lockTimeoutMs: { wanted: 'a number of milliseconds, 0 or more', holds: (value) => Number.isFinite(value) && (value as number) >= 0 },
  synchronous: { wanted: "'FULL' or 'NORMAL'", holds: (value) => value === 'FULL' || value === 'NORMAL' },
  migrate: { wanted: 'true or false', holds: (value) => typeof value === 'boolean' },
  cacheMb: { wanted: 'a whole number of megabytes from 1 to 65536', holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_536 },
};

/**
 * Copies the options, fills in defaults and checks them.
 * @throws SemelError `bad-option`, naming the option
 */
export function sqliteSettings(options: SqliteOptions): SqliteSettings {
  for (const name of Object.keys(options)) {
    if (!(name in CHECKS)) throw badOption(`sqlite has no option ${name}; it has ${Object.keys(CHECKS).join(', ')}`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: SqliteSettings = { ...DEFAULTS, ...given };
  for (const [name, check] of Object.entries(CHECKS)) {
    if (!check.holds(settings[name as keyof SqliteSettings])) throw badOption(`sqlite: ${name} must be ${check.wanted}`);
  }
  return Object.freeze(settings);
}

/**
 * Refuses what is not the path of a file; a relative path is resolved when the store opens.
 * @throws SemelError `bad-option`
 */
export function checkPath(path: string): void {
  if (typeof path !== 'string' || path === '') throw badOption('sqlite needs the path of a file');
  if (path === ':memory:') throw badOption("sqlite(':memory:') would give each connection a database of its own: use memory() of semel/testing, or a file in a temporary folder");
  if (path.startsWith('file:')) throw badOption('sqlite takes a plain path, not a file: address');
  if (path.includes('\0')) throw badOption('sqlite: the path holds a NUL character');
}

/** The absolute path of the file. */
export function absolutePath(path: string): string {
  return resolve(path);
}

function badOption(message: string): SemelError {
  return new SemelError('bad-option', message);
}
