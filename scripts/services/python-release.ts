import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readableFolder } from './folders.ts';
import { programOf } from './system-program.ts';

/** Packages of Python's registry, for a version of Python, with what they need as it was on a day: later releases are left out. */
export interface PythonRelease {
  readonly packages: readonly string[];
  readonly python: string;
  readonly asOf: string;
}

const UV = 'uv==0.13.8';
const FETCH_MS = 600_000;

/** A folder `name` in `cache` with these packages and all that they need, to be named by PYTHONPATH; fetched once. Throws where they are not to be had. */
export async function pythonRelease(name: string, { packages, python, asOf }: PythonRelease, cache: string): Promise<string> {
  const release = join(cache, name);
  if (existsSync(release)) return release;
  const fetched = readableFolder(mkdtempSync(join(cache, 'fetch-')));
  try {
    const [tools, site] = [join(fetched, 'tools'), join(fetched, 'site')];
    await run(await programOf('python3', 'python3-pip'), ['-m', 'pip', 'install', '--quiet', '--target', tools, UV]);
    await run(join(tools, 'bin/uv'), ['pip', 'install', '--quiet', '--python-version', python, '--target', site, '--exclude-newer', asOf, ...packages]);
    if (!existsSync(release)) renameSync(site, release);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return release;
}

async function run(command: string, options: readonly string[]): Promise<void> {
  await promisify(execFile)(command, options, { timeout: FETCH_MS, cwd: '/' });
}
