import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Where servers are, besides what a user's shell knows. */
const FOLDERS: readonly string[] = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];
const INSTALL_MS = 180_000;

/** The path of a program of the system; root on Debian installs what is missing. Throws where it is not to be had, and says what to do. */
export async function programOf(program: string, debianPackage: string): Promise<string> {
  const installed = pathOf(program);
  if (installed !== undefined) return installed;
  const advice = `${program} is not installed: apt-get install ${debianPackage}, or what your system calls it`;
  if (process.getuid?.() !== 0 || pathOf('apt-get') === undefined) throw new Error(advice);
  await apt('install', '--yes', '--no-install-recommends', debianPackage).catch(async () => {
    await apt('update');
    await apt('install', '--yes', '--no-install-recommends', debianPackage);
  });
  const path = pathOf(program);
  if (path === undefined) throw new Error(advice);
  return path;
}

function pathOf(program: string): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS].map((folder) => join(folder, program)).find((path) => existsSync(path));
}

async function apt(...options: readonly string[]): Promise<void> {
  await promisify(execFile)('apt-get', ['--quiet', ...options], { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
