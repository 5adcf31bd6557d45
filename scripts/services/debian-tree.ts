import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readableFolder } from './folders.ts';
import { programOf } from './system-program.ts';
import { unprivileged } from './unprivileged.ts';

/** A release of Debian, unpacked with one package, which leaves the machine itself as it is. */
export interface DebianTree {
  /** Debian's name of the release. */
  readonly suite: string;
  readonly debianPackage: string;
}

const MIRROR = process.env.SEMEL_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';
const UNPACK_MS = 600_000;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** The tree's folder in `cache`; it takes about a minute and 400 MB once. Throws with the reason where it cannot be had. */
export async function debianTree({ suite, debianPackage }: DebianTree, cache: string): Promise<string> {
  const tree = join(cache, `${suite}-${debianPackage}`);
  if (existsSync(tree)) return tree;
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error(`${debianPackage} of Debian ${suite} is unpacked by debootstrap and run by chroot, which takes root on Linux`);
  const debootstrap = await programOf('debootstrap', 'debootstrap');
  const unpacked = readableFolder(mkdtempSync(join(cache, 'unpack-')));
  try {
    await promisify(execFile)(debootstrap, ['--variant=minbase', `--include=${debianPackage}`, suite, unpacked, MIRROR], { timeout: UNPACK_MS, maxBuffer: 64 << 20 });
    writeFileSync(join(unpacked, 'etc/hosts'), '127.0.0.1 localhost\n'); // or its programs would ask a name server
    renameSync(unpacked, tree);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  return tree;
}

/**
 * The command line that runs a program of a tree, as the user that servers run as, with `folder` as its home at {@link HOME_IN_TREE}. Its processes and
 * its mounts are its own: with the one that is started all of them end, whatever demons they left behind.
 */
export function commandInTree(tree: string, folder: string, program: string, options: readonly string[]): { readonly command: string; readonly options: readonly string[] } {
  const { uid, gid } = unprivileged() ?? { uid: 0, gid: 0 };
  const script = [
    'set -e; tree=$1 folder=$2 user=$3; shift 3',
    'mount -t proc proc "$tree/proc"; mount --rbind /dev "$tree/dev"; mount --bind "$folder" "$tree/mnt"',
    // Not by exec: what drops its rights no longer dies with its parent.
    `chroot --userspec="$user" "$tree" env -i PATH=${PATH} HOME=${HOME_IN_TREE} LANG=C.UTF-8 "$@"`,
  ].join('\n');
  return { command: 'unshare', options: ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', tree, folder, `${uid}:${gid}`, program, ...options] };
}

/** Where a program of a tree finds its folder. */
export const HOME_IN_TREE = '/mnt';
