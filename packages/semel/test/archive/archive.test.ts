import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { readArchive } from 'semel';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { database } from '../services/postgres.ts';
import { orders, shopOn } from './shop.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];

/** More than are removed at once. */
const EXPIRED = Array.from({ length: 1_500 }, (_, index) => `old ${index}`);
const NEEDED = ['needed 0', 'needed 1'];

/** A store with its archive. */
interface Place extends AsyncDisposable {
  readonly address: string;
  /** The ids of the messages in the table, read beside Semel. */
  ids(): Promise<readonly string[]>;
}

describe('an archive beside SQLite', () =>
  archiving(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'semel-archive-'));
    const address = join(folder, 'shop.db');
    const ids = async () => {
      const reader = new DatabaseSync(address);
      const rows = reader.prepare('select id from semel_messages').all();
      reader.close();
      return rows.map(({ id }) => String(id));
    };
    return { address, ids, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }) };
  }));

describeWith('postgres', 'an archive beside Postgres', () =>
  archiving(async () => {
    const { url, drop } = await database();
    const ids = async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query('select id from semel.messages');
      await client.end();
      return rows.map(({ id }) => String(id));
    };
    return { address: url, ids, [Symbol.asyncDispose]: drop };
  }),
);

function archiving(open: () => Promise<Place>): void {
  test.each([
    { boundary: 'before the write', files: 0, rows: [1_500], dead: true },
    { boundary: 'before the rename', files: 0, rows: [1_500], dead: true },
    { boundary: 'before the removal', files: 1, rows: [1_500], dead: true },
    { boundary: 'in the removal', files: 1, rows: [500, 1_500], dead: true },
    { boundary: 'in the second removal', files: 1, rows: [0, 500], dead: true },
    { boundary: 'nowhere', files: 1, rows: [0], dead: false },
  ])('SIGKILL $boundary: every message is in the table or the archive, and the next prune completes it', async ({ boundary, files, rows, dead }) => {
    await using place = await open();
    const directory = mkdtempSync(join(tmpdir(), 'semel-archive-'));
    try {
      await publish(place);
      expect(await prunedBy(place, directory, boundary)).toBe(dead ? 'SIGKILL' : 0);
      const afterKill = await audit(place, directory);
      expect(afterKill.files).toBe(files);
      expect(rows).toContain(afterKill.rows);
      expect(await prunedBy(place, directory, 'nowhere')).toBe(0);
      expect(await audit(place, directory)).toMatchObject({ rows: 0, archived: EXPIRED.length });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

/** Messages that nobody needs any more, and some that a consumer has still to handle. */
async function publish({ address }: Place): Promise<void> {
  const { semel, close } = shopOn(address, async () => {});
  const payments = semel.consume(orders, { name: 'payments', from: 'now' }, () => {});
  const publishAll = (ids: readonly string[]) =>
    semel.transaction(async ({ publish }) => {
      for (const id of ids) await publish(orders, id);
    });
  await publishAll(EXPIRED);
  await semel.processor(payments); // joins
  await publishAll(NEEDED);
  await new Promise((resolve) => setTimeout(resolve, 5)); // older than their retention of 1 ms
  await close();
}

/** The signal that ended the process, or its exit code. */
async function prunedBy({ address }: Place, directory: string, boundary: string): Promise<unknown> {
  const child = spawn(process.execPath, [...FLAGS, join(import.meta.dirname, 'pruner.ts'), address, directory, boundary], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}

/** Counts what is where. Fails where a message is in neither place, where one that is needed is gone or archived, and where a file is not whole. */
async function audit(place: Place, directory: string): Promise<{ readonly rows: number; readonly files: number; readonly archived: number }> {
  const files = readdirSync(directory).filter((name) => name.endsWith('.gz'));
  const read = (await Promise.all(files.map((name) => readArchive(join(directory, name))))).flat();
  for (const { message } of read) expect(message).toMatchObject({ source: 'shop/orders', topic: 'orders', data: message.id });
  const archived = new Set(read.map(({ message }) => message.id));
  const table = new Set(await place.ids());
  expect(EXPIRED.filter((id) => !table.has(id) && !archived.has(id))).toEqual([]);
  expect(NEEDED.filter((id) => !table.has(id) || archived.has(id))).toEqual([]);
  return { rows: table.size - NEEDED.length, files: files.length, archived: archived.size };
}
