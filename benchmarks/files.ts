import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The path of a database that does not exist yet; one left from the round before is removed. */
export function fresh(folder: string, name: string): string {
  const path = join(folder, `${name}.db`);
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return path;
}

/** The path of a database, and whether it was made in a round before; with `keep` false it never is. */
export function kept(folder: string, name: string, keep: boolean): { readonly path: string; readonly made: boolean } {
  const path = join(folder, `${name}.db`);
  return keep && existsSync(path) ? { path, made: true } : { path: fresh(folder, name), made: false };
}

/** Messages that write the log of a database through once, at 4,000 pages, where a transaction holds `group` of them. */
export function warmUpOf(group: number): number {
  return group === 1 ? 1000 : 16_000;
}
