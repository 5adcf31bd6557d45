import { type Archive, type ArchivedMessage, keep } from './archive.ts';
import { type MessageRow, messageOf } from './stored-message.ts';

/** A row of a store's messages that may be removed. */
export interface ExpiredRow extends MessageRow {
  readonly seq: number;
  readonly fingerprint: string;
  readonly publishedAtMs: number;
}

/** What an archive is given at once, at most: few files, and little memory. */
const MOST = { messages: 10_000, characters: 8 * 1024 * 1024 } as const;
/** Messages removed per transaction. */
const REMOVED_AT_ONCE = 1_000;

/**
 * Removes expired messages, each only after the archive has it. Returns how many it removed.
 * @param pages the messages that may be removed, in their order
 * @param remove removes those of the messages that still may be, and says how many it did
 * @throws SemelError `archive-failed`
 */
export async function archiveThenRemove(archive: Archive, pages: AsyncIterable<readonly ExpiredRow[]>, remove: (seqs: readonly number[]) => Promise<number>): Promise<number> {
  let removed = 0;
  for await (const batch of batchesOf(pages)) {
    await keep(archive, batch.map(archivedOf));
    const seqs = batch.map(({ seq }) => seq);
    for (let at = 0; at < seqs.length; at += REMOVED_AT_ONCE) removed += await remove(seqs.slice(at, at + REMOVED_AT_ONCE));
  }
  return removed;
}

async function* batchesOf(pages: AsyncIterable<readonly ExpiredRow[]>): AsyncGenerator<readonly ExpiredRow[]> {
  let batch: ExpiredRow[] = [];
  let characters = 0;
  for await (const page of pages) {
    for (const row of page) {
      batch.push(row);
      characters += row.data.length;
    }
    if (batch.length < MOST.messages && characters < MOST.characters) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

function archivedOf(row: ExpiredRow): ArchivedMessage {
  return { message: messageOf(row), fingerprint: row.fingerprint, publishedAtMs: row.publishedAtMs };
}
