import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** The path of a database that does not exist yet; one left from the round before is removed. */
export function fresh(folder: string, name: string): string {
  const path = join(folder, `${name}.db`);
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return path;
}
