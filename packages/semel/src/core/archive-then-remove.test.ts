import { expect, test } from 'vitest';
import type { ArchivedMessage } from './archive.ts';
import { archiveThenRemove, type ExpiredRow } from './archive-then-remove.ts';

function rowOf(seq: number, data = '{}'): ExpiredRow {
  return {
    seq,
    source: 'shop/orders',
    id: `m${seq}`,
    topic: 'orders',
    type: 'orders',
    key: null,
    time: '2026-01-01T00:00:00.000Z',
    headers: '{}',
    data,
    fingerprint: '',
    publishedAtMs: seq,
  };
}

async function* pagesOf(rows: readonly ExpiredRow[], size: number): AsyncGenerator<readonly ExpiredRow[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

/** What happened, in its order: messages archived, messages removed. */
async function traceOf(rows: readonly ExpiredRow[], page = 200): Promise<{ readonly trace: readonly string[]; readonly removed: number }> {
  const trace: string[] = [];
  const archive = async (messages: readonly ArchivedMessage[]) => void trace.push(`archive ${messages.length}`);
  const remove = async (seqs: readonly number[]) => {
    trace.push(`remove ${seqs[0]} to ${seqs.at(-1)}`);
    return seqs.length;
  };
  return { removed: await archiveThenRemove(archive, pagesOf(rows, page), remove), trace };
}

test('removes in small steps what is in the archive, and only then archives more', async () => {
  const rows = Array.from({ length: 11_500 }, (_, index) => rowOf(index + 1));
  const { trace, removed } = await traceOf(rows);
  const first = Array.from({ length: 10 }, (_, step) => `remove ${step * 1_000 + 1} to ${(step + 1) * 1_000}`);
  expect(trace).toEqual(['archive 10000', ...first, 'archive 1500', 'remove 10001 to 11000', 'remove 11001 to 11500']);
  expect(removed).toBe(11_500);
});

test('large messages are archived before many are in memory', async () => {
  const large = JSON.stringify('x'.repeat(3 * 1024 * 1024));
  const rows = Array.from({ length: 4 }, (_, index) => rowOf(index + 1, large));
  expect((await traceOf(rows, 1)).trace).toEqual(['archive 3', 'remove 1 to 3', 'archive 1', 'remove 4 to 4']);
});

test('calls nobody where nothing has expired', async () => {
  expect(await traceOf([])).toEqual({ removed: 0, trace: [] });
});

test('removes nothing that the archive refused, and says why', async () => {
  const refuse = async () => {
    throw new Error('no space left');
  };
  const remove = async () => expect.unreachable();
  await expect(archiveThenRemove(refuse, pagesOf([rowOf(1)], 1), remove)).rejects.toMatchObject({
    code: 'archive-failed',
    retryable: true,
    message: expect.stringContaining('no space left'),
  });
});
