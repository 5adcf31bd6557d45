import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive, ArchivedMessage } from '../core/archive.ts';
import { SemelError } from '../core/errors.ts';
import { decodeArchive, encodeArchive } from './archive-file.ts';

/**
 * An archive in a directory, which has to exist: one that is not mounted must not be made on another disk. Each call adds a file of gzipped JSON lines, whose
 * last holds their number and SHA-256: `2026-03-01T12-00-00.000Z-<checksum>.jsonl.gz`. It has that name only once it is whole and on the disk; what ends
 * in `.tmp` was left by a process that died, and can go. The same messages make the same file.
 *
 * @example
 * const semel = createSemel({ name: 'shop', store, archive: archiveDirectory('/var/lib/shop/archive') });
 */
export function archiveDirectory(directory: string): Archive {
  return async (messages) => {
    const { name, bytes } = await encodeArchive(messages);
    const unfinished = join(directory, `${name}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      await write(unfinished, bytes);
      await rename(unfinished, join(directory, name));
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
    await syncDirectory(directory);
  };
}

/**
 * The messages of a file that {@link archiveDirectory} wrote, once its checksum is found to be right.
 * @throws SemelError `archive-damaged`; the system's error where the file cannot be read
 */
export async function readArchive(file: string): Promise<readonly ArchivedMessage[]> {
  const bytes = await readFile(file);
  try {
    return await decodeArchive(bytes);
  } catch (cause) {
    throw new SemelError('archive-damaged', `${file} is not what was written: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is durable once its directory is. Windows has no such thing. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
