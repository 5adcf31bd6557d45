import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { business, SqliteFixture, sealed } from './sqlite-fixture.ts';

const HOLD = `
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1], { timeout: 2000 });
  database.exec('begin immediate');
  process.stdout.write('held');
  setTimeout(() => { database.exec('commit'); database.close(); }, Number(process.argv[2]));
`;

async function holdLock(path: string, ms: number) {
  const child = spawn(process.execPath, ['--no-warnings', '-e', HOLD, path, String(ms)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  return { exited };
}

test("trap 22: while another process holds the lock this one's timers go on, and then it commits", async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  const { exited } = await holdLock(fixture.path, 300);
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 5);
  await fixture.publish(store, sealed('a'));
  clearInterval(timer);
  await exited;
  expect(ticks).toBeGreaterThan(5);
  expect(fixture.rows('select id from semel_messages')).toEqual([{ id: 'a' }]);
});

test('after lockTimeoutMs it is store-busy, and works again once the lock is free', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open({ lockTimeoutMs: 50 });
  const other = fixture.raw();
  other.exec('begin immediate');
  await expect(fixture.publish(store, sealed('a'))).rejects.toMatchObject({ code: 'store-busy', retryable: true });
  other.exec('commit');
  other.close();
  await fixture.publish(store, sealed('a'));
});

test('no foreign statement slips into a transaction across an await', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  const seen: string[] = [];
  const slow = (name: string) =>
    business(async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(`${name} ends`);
    });
  await Promise.all(['a', 'b', 'c'].map((name) => fixture.commit(store, [slow(name)])));
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('one who commits back to back does not starve another who waits', async () => {
  await using fixture = new SqliteFixture();
  const [busy, waiting] = [await fixture.open(), await fixture.open({ lockTimeoutMs: 10_000 })];
  let done = false;
  const loop = (async () => {
    // Each transaction begins in the tick in which the one before it ended.
    while (!done) await fixture.commit(busy, [business(({ tx }) => void tx.prepare('select 1').get())]);
  })();
  for (let n = 0; n < 5; n += 1) await fixture.publish(waiting, sealed(`m${n}`));
  done = true;
  await loop;
  expect(fixture.rows('select count(*) as n from semel_messages')).toEqual([{ n: 5 }]);
});

test('close waits for running commits, later ones are refused', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  const running = fixture.commit(store, [
    business(async ({ tx }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      tx.exec('create table t (a)');
    }),
  ]);
  await store.close();
  await running;
  await store.close();
  await expect(fixture.publish(store, sealed('a'))).rejects.toMatchObject({ code: 'store-closed' });
  expect(fixture.rows("select 1 as n from sqlite_schema where name = 't'")).toEqual([{ n: 1 }]);
});
