import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scope } from '../../core/store.ts';
import { isBusy, isTrouble, translateError } from './sqlite-errors.ts';
import { business, externalItem, handling, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { SqliteTransaction } from './transaction-handle.ts';

const driverError = (errcode: number) => Object.assign(new Error('driver'), { code: 'ERR_SQLITE_ERROR', errcode });

test.each([
  [5, 'store-busy'],
  [517, 'store-busy'],
  [8, 'store-readonly'],
  [1032, 'store-unavailable'],
  [778, 'store-unavailable'],
  [11, 'store-corrupt'],
  [13, 'store-full'],
  [14, 'store-unavailable'],
  [26, 'store-corrupt'],
])('result code %i is %s', (errcode, code) => {
  const cause = driverError(errcode);
  expect(translateError(cause, '/data/shop.db')).toMatchObject({ code, cause, message: expect.stringContaining('/data/shop.db') });
});

test('what is the user’s own passes as it is', () => {
  for (const error of [driverError(19), driverError(2067), driverError(1), new Error('no'), 'text']) expect(translateError(error, 'x')).toBe(error);
  expect(isBusy(driverError(517))).toBe(true);
  expect(isBusy(driverError(13))).toBe(false);
  expect(isTrouble(translateError(driverError(5), 'x'))).toBe(false);
  expect(isTrouble(translateError(driverError(13), 'x'))).toBe(true);
});

test('a full disk is store-full, nothing of the transaction is kept, and it goes on once there is room', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  const limit = (pages: string) => business(({ tx }) => void tx.prepare(`pragma max_page_count = ${pages}`).get());
  await fixture.commit(store, [limit('1')]);
  const large = sealed('large', { data: 'x'.repeat(200_000) });
  await expect(fixture.publish(store, sealed('small'), large)).rejects.toMatchObject({ code: 'store-full', retryable: true });
  expect(fixture.rows('select id from semel_messages')).toEqual([]);
  await fixture.commit(store, [limit('1000000')]);
  await fixture.publish(store, large);
  expect(fixture.rows('select id from semel_messages')).toEqual([{ id: 'large' }]);
});

test.each([
  ['a statement', ({ tx }: Scope<SqliteTransaction>) => void tx.prepare('insert into t values (?)').run('x'.repeat(200_000))],
  ['a publish', (scope: Scope<SqliteTransaction>) => scope.stage(sealed('large', { data: 'x'.repeat(200_000) }))],
])('trap 43: a full disk that %s met is the store’s trouble, also where the handler swallows it, and nobody is blamed', async (_, use) => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('billing', { kind: 'remote' }), { from: 'now' });
  await fixture.commit(store, [business(({ tx }) => void tx.exec('create table t (a); pragma max_page_count = 1'))]);
  const swallowing = handling(externalItem(sealed('a')), async (scope) => {
    await Promise.resolve(scope)
      .then(use)
      .catch(() => undefined);
  });
  const failing = handling(externalItem(sealed('b')), () => {
    throw new Error('no');
  });
  const options = { subscription: 'billing', onFailure: () => retry(1) };
  await expect(fixture.commit(store, [swallowing], options)).rejects.toMatchObject({ code: 'store-full' });
  await expect(fixture.commit(store, [failing, swallowing], options)).rejects.toMatchObject({ code: 'store-full' });
  expect(fixture.rows('select id from semel_inbox')).toEqual([]);
});

test('a connection that may only read is store-readonly; it is replaced, but not by a new file where the old one is gone', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await fixture.commit(store, [business(({ tx }) => tx.exec('pragma query_only = on'))]);
  await expect(fixture.publish(store, sealed('a'))).rejects.toMatchObject({ code: 'store-readonly' });
  renameSync(fixture.path, `${fixture.path}.moved`);
  await expect(fixture.publish(store, sealed('a'))).rejects.toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('moved') });
  renameSync(`${fixture.path}.moved`, fixture.path);
  await fixture.publish(store, sealed('a'));
  expect(fixture.rows('select id from semel_messages')).toEqual([{ id: 'a' }]);
});

test('a damaged file is store-corrupt', async () => {
  await using fixture = new SqliteFixture();
  await (await fixture.open()).close();
  const file = openSync(fixture.path, 'r+');
  writeSync(file, Buffer.alloc(64, 0x55), 0, 64, 0);
  closeSync(file);
  await expect(fixture.open()).rejects.toMatchObject({ code: 'store-corrupt', retryable: false });
});

test('a missing folder, and a folder in place of a file, say so', async () => {
  await using fixture = new SqliteFixture();
  const nowhere = new SqliteStore(join(fixture.folder, 'no', 'such.db'), {});
  await expect(nowhere.open(fixture.context)).rejects.toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('folder') });
  mkdirSync(join(fixture.folder, 'folder.db'));
  await expect(new SqliteStore(join(fixture.folder, 'folder.db'), {}).open(fixture.context)).rejects.toMatchObject({ code: 'store-unavailable' });
});

/** A disk of one megabyte, where the system lets this process have one. */
function tinyDisk(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
}

test('a real disk that is full loses nothing, and it goes on once there is room', async ({ skip }) => {
  await using fixture = new SqliteFixture();
  const disk = join(fixture.folder, 'disk');
  mkdirSync(disk);
  if (!tinyDisk(disk)) skip('needs root on Linux, to mount a disk of one megabyte');
  const store = new SqliteStore(join(disk, 'full.db'), {});
  try {
    await store.open(fixture.context);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(400_000));
    await fixture.publish(store, sealed('kept'));
    const large = sealed('large', { data: 'x'.repeat(350_000) });
    await expect(fixture.publish(store, large)).rejects.toMatchObject({ code: expect.stringMatching(/^store-(full|unavailable)$/), retryable: true });
    rmSync(join(disk, 'ballast'));
    await fixture.publish(store, large);
    await store.registry.join(subscription('c'), { from: 'beginning' });
    expect((await store.queue.lease('c', { max: 10, leaseMs: 1000, suspects: true })).length).toBe(2);
  } finally {
    await store.close();
    spawnSync('umount', [disk]);
  }
});
