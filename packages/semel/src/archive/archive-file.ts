import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ArchivedMessage } from '../core/archive.ts';

/** The last line of an archive's file. */
interface Trailer {
  readonly archive: 1;
  readonly messages: number;
  /** Of the lines before it, hexadecimal. */
  readonly sha256: string;
}

/** A file as it is written. */
export interface ArchiveFile {
  /** Of the first message's time and the checksum: the same messages get the same name. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Messages as a gzip file of JSON lines, one each, and a last one with their number and checksum. The same messages make the same file. */
export async function encodeArchive(messages: readonly ArchivedMessage[]): Promise<ArchiveFile> {
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  const trailer: Trailer = { archive: 1, messages: messages.length, sha256: hash('sha256', lines) };
  const since = new Date(messages[0]?.publishedAtMs ?? 0).toISOString().replaceAll(':', '-');
  return { name: `${since}-${trailer.sha256.slice(0, 32)}.jsonl.gz`, bytes: await promisify(gzip)(`${lines}${JSON.stringify(trailer)}\n`) };
}

/** The messages of a file. @throws Error that says what is wrong with the bytes */
export async function decodeArchive(bytes: Uint8Array): Promise<readonly ArchivedMessage[]> {
  const text = (await promisify(gunzip)(bytes)).toString();
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const { archive, messages, sha256 } = JSON.parse(text.slice(end)) as Partial<Trailer>;
  if (archive !== 1) throw new Error('its last line is no checksum of an archive that this version can read');
  const lines = text.slice(0, end);
  if (hash('sha256', lines) !== sha256) throw new Error('its lines do not have the checksum of the last one');
  const read = lines.split('\n').slice(0, -1);
  if (read.length !== messages) throw new Error(`it has ${read.length} messages, and its last line says ${messages}`);
  return read.map((line) => JSON.parse(line) as ArchivedMessage);
}
