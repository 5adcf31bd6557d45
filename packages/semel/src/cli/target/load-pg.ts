import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SemelError } from '../../core/errors.ts';
import type { PgPool } from '../../stores/postgres/index.ts';

/** The pool of pg, as far as the command line needs it. */
export interface CliPool extends PgPool {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  end(): Promise<void>;
}

/** The package pg, as far as the command line needs it. */
export interface Pg {
  readonly Pool: new (config: Readonly<Record<string, unknown>>) => CliPool;
}

/**
 * The project's own pg, else the one beside this package: Semel has no dependencies, so it brings none.
 * @param places files from which it is looked for, in this order
 * @throws SemelError `driver-missing`
 */
export async function loadPg(places: readonly string[] = [join(process.cwd(), 'package.json'), import.meta.filename]): Promise<Pg> {
  const found = places.map(resolveFrom).find((path) => path !== undefined);
  if (found === undefined)
    throw new SemelError('driver-missing', 'Postgres needs the package pg, and neither this project nor the one that semel is installed in has it: npm install pg');
  return ((await import(pathToFileURL(found).href)) as { readonly default: Pg }).default;
}

function resolveFrom(place: string): string | undefined {
  try {
    return createRequire(place).resolve('pg');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
