import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Unavailable } from './unavailable.ts';

const FOLDER = join(import.meta.dirname, '../peers');
/** The lock file that was installed last. */
const INSTALLED = join(FOLDER, 'node_modules', '.installed');

/** Installs what `peers/package-lock.json` names, unless it is there: nobody else needs it. Rejects with {@link Unavailable} where the registry does not answer. */
export async function installPeers(): Promise<void> {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'), 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return;
  console.error('installing the peers');
  try {
    // Not `npm ci`: it refuses a lock file that lacks the builds of a native addon for other platforms.
    await promisify(execFile)('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER });
  } catch (cause) {
    throw new Unavailable('the peers cannot be installed: npm install fails in benchmarks/peers', { cause });
  }
  writeFileSync(INSTALLED, lock);
}
