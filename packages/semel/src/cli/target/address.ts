import { SemelError } from '../../core/errors.ts';
import { SqliteTarget } from './sqlite-target.ts';
import type { Target } from './target.ts';

/** Two letters at least, or `C:\shop.db` would be a scheme. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(.*)$/is;

/**
 * The store that `--store` or else `SEMEL_STORE` names: `sqlite:<path>`, or a path alone.
 * @throws SemelError `bad-option`
 */
export function targetOf(option: string | undefined, env: Readonly<Record<string, string | undefined>>): Target {
  if (option !== undefined) return new SqliteTarget(pathOf(option, '--store'));
  if (env['SEMEL_STORE']) return new SqliteTarget(pathOf(env['SEMEL_STORE'], 'SEMEL_STORE'));
  throw new SemelError('bad-option', 'no store is named: give --store shop.db, or set SEMEL_STORE');
}

/** The path in an address. */
export function pathOf(address: string, where: string): string {
  const [, scheme, rest = ''] = SCHEME.exec(address) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== 'sqlite') {
    throw new SemelError('bad-option', `${where}: ${scheme}: is no kind of store; known is sqlite:<path>, and a path alone, which is ./${scheme}:… for a file of that name`);
  }
  const path = scheme === undefined ? address : rest;
  if (path === '' || path === ':memory:' || path.includes('\0')) throw new SemelError('bad-option', `${where} needs the path of a file, as in sqlite:shop.db`);
  if (scheme !== undefined && path.startsWith('//'))
    throw new SemelError('bad-option', `${where}: a plain path follows sqlite: and no //, as in sqlite:shop.db or sqlite:/var/lib/shop.db`);
  return path;
}
