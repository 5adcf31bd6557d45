import { SemelError } from '../../core/errors.ts';
import { isPostgresAddress, postgresAddressOf } from './postgres-address.ts';
import { PostgresTarget } from './postgres-target.ts';
import { SqliteTarget } from './sqlite-target.ts';
import type { Target } from './target.ts';

/** Two letters at least, or `C:\shop.db` would be a scheme. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(.*)$/is;

/**
 * The store that `--store` or else `SEMEL_STORE` names: `postgres://…`, `sqlite:<path>`, or a path alone.
 * @throws SemelError `bad-option`
 */
export function targetOf(option: string | undefined, env: Readonly<Record<string, string | undefined>>): Target {
  if (option !== undefined) return targetAt(option, '--store');
  if (env['SEMEL_STORE']) return targetAt(env['SEMEL_STORE'], 'SEMEL_STORE');
  throw new SemelError('bad-option', 'no store is named: give --store shop.db or --store postgres://user@host/database, or set SEMEL_STORE');
}

function targetAt(address: string, where: string): Target {
  return isPostgresAddress(address) ? new PostgresTarget(postgresAddressOf(address, where)) : new SqliteTarget(pathOf(address, where));
}

/** The path in an address of SQLite. */
export function pathOf(address: string, where: string): string {
  const [, scheme, rest = ''] = SCHEME.exec(address) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== 'sqlite') {
    throw new SemelError(
      'bad-option',
      `${where}: ${scheme}: is no kind of store; known are postgres://user@host/database, sqlite:<path>, and a path alone, which is ./${scheme}:… for a file of that name`,
    );
  }
  const path = scheme === undefined ? address : rest;
  if (path === '' || path === ':memory:' || path.includes('\0')) throw new SemelError('bad-option', `${where} needs the path of a file, as in sqlite:shop.db`);
  if (scheme !== undefined && path.startsWith('//'))
    throw new SemelError('bad-option', `${where}: a plain path follows sqlite: and no //, as in sqlite:shop.db or sqlite:/var/lib/shop.db`);
  return path;
}
