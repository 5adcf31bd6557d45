import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { bornAt } from './process.ts';
import { unprivileged } from './unprivileged.ts';

const RUN = /^run-(?<pid>\d+)-(?<born>[^-]+)-/;

/** The folder of this user's services: `SEMEL_SERVICES_FOLDER`, or one in the system's temporary folder. */
export function servicesFolder(): string {
  const folder = process.env.SEMEL_SERVICES_FOLDER ?? join(tmpdir(), `semel-services-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true });
  // Anyone may make a folder of any name in /tmp, and put programs into it.
  if (lstatSync(folder).uid !== userInfo().uid) throw new Error(`${folder} belongs to another user: remove it, or set SEMEL_SERVICES_FOLDER to another`);
  return readableFolder(folder);
}

/** Makes a folder, where there is none, that the user that servers run as may read, whatever the mask. */
export function readableFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** Makes a folder, where there is none, that the user that servers run as may write. */
export function writableFolder(folder: string): string {
  const user = unprivileged();
  readableFolder(folder);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Makes a folder for services of this process alone. */
export function ownFolder(): string {
  return readableFolder(mkdtempSync(join(servicesFolder(), `run-${process.pid}-${bornAt(process.pid)}-`)));
}

/** The folders of `ownFolder()` whose processes are dead. */
export function orphanedFolders(): readonly string[] {
  const folder = servicesFolder();
  const orphaned = readdirSync(folder).filter((name) => {
    const run = RUN.exec(name)?.groups;
    return run !== undefined && bornAt(Number(run['pid'])) !== run['born'];
  });
  return orphaned.map((name) => join(folder, name));
}
