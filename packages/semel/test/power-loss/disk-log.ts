import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

/** What a process did to the disk: `sync` flushes a file, or a folder with the names in it, and counts from when it was done. */
export type DiskEntry = { readonly atNs: bigint; readonly path: string } & (
  | { readonly kind: 'create' | 'unlink' }
  | { readonly kind: 'sync'; readonly doneNs: bigint }
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'resize'; readonly size: number }
  | { readonly kind: 'rename'; readonly to: string }
);

/** As `forgetful-disk.c` lays it out. */
const HEAD_BYTES = 24;
const MARK = 0xd1;

/** All that was written down in a folder of logs, in its order. */
export function readDiskLogs(folder: string): readonly DiskEntry[] {
  const entries = readdirSync(folder).flatMap((name) => [...entriesOf(readFileSync(join(folder, name)))]);
  return entries.sort((a, b) => Number(a.atNs - b.atNs));
}

/** Ends where a kill cut the last one off: what it was to tell was not done by then. */
function* entriesOf(log: Buffer): Generator<DiskEntry> {
  for (let at = 0; at + HEAD_BYTES <= log.length; ) {
    const pathEnd = at + HEAD_BYTES + log.readUInt16LE(at + 20);
    const end = pathEnd + log.readUInt32LE(at + 16);
    if (log[at + 23] !== MARK || end > log.length) return;
    const common = { atNs: log.readBigUInt64LE(at), path: normalize(log.toString('utf8', at + HEAD_BYTES, pathEnd)) };
    yield { ...common, ...deedOf(String.fromCharCode(log[at + 22] as number), log.readBigUInt64LE(at + 8), log.subarray(pathEnd, end)) };
    at = end;
  }
}

type Deed<Entry = DiskEntry> = Entry extends DiskEntry ? Omit<Entry, 'atNs' | 'path'> : never;

function deedOf(what: string, offset: bigint, data: Buffer): Deed {
  switch (what) {
    case 'c':
      return { kind: 'create' };
    case 's':
      return { kind: 'sync', doneNs: offset };
    case 'u':
      return { kind: 'unlink' };
    case 'w':
      return { kind: 'write', offset: Number(offset), data };
    case 'z':
      return { kind: 'resize', size: Number(offset) };
    case 'r':
      return { kind: 'rename', to: normalize(data.toString()) };
    default:
      throw new Error(`the log of a forgetful disk has an entry ${what} that nobody knows`);
  }
}
