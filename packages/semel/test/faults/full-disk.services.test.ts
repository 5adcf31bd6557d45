import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { OwnPostgres } from '../services/own-postgres.ts';
import { through } from '../services/postgres.ts';
import { SmallDisk } from './small-disk.ts';
import { PATIENT, SEED, underLoad } from './under-load.ts';

const TIMES = 2;
const FULL_MS = 400;
const NO_DISK = 'needs the right to mount a small disk, as root on Linux';

test(`the disk of the tables is full ${TIMES} times under load: once there is room, every message has one effect, keys are in order (seed ${SEED})`, PATIENT, async ({ skip }) => {
  using disk = SmallDisk.mount();
  if (disk === undefined) return skip(NO_DISK);
  await using server = await OwnPostgres.start();
  await withClient(server.url, async (client) => {
    await client.query(`create tablespace small location '${disk.folder}'`);
    await client.query('create database small tablespace small');
  });
  const url = through(server.url, 'postgres:///small');
  const write = () => withClient(url, (client) => client.query("create table witness as select repeat('x', 1000) from generate_series(1, 100); drop table witness"));
  await underLoad(url, async ({ pause }) => {
    for (let time = 0; time < TIMES; time++) {
      await pause(FULL_MS);
      disk.fill();
      await vi.waitFor(() => expect(write()).rejects.toMatchObject({ code: '53100' }), { timeout: 10_000, interval: 20 });
      await setTimeout(FULL_MS);
      disk.free();
      await write();
    }
  });
});

test(
  `the disk of the server's log is full, ${TIMES} times under load, and the server ends itself: once it runs again, every message has one effect, keys are in order (seed ${SEED})`,
  PATIENT,
  async ({ skip }) => {
    using disk = SmallDisk.mount();
    if (disk === undefined) return skip(NO_DISK);
    await using server = await OwnPostgres.start();
    await moveLog(server, disk);
    await underLoad(server.url, async ({ pause }) => {
      for (let time = 0; time < TIMES; time++) {
        await pause(FULL_MS);
        disk.fill();
        await vi.waitFor(() => expect(nextLogFile(server.url)).rejects.toThrow(), { timeout: 10_000, interval: 20 }); // it panics
        await setTimeout(FULL_MS);
        disk.free();
        await server.restart();
      }
    });
  },
);

/** Puts the server's log on the disk, alone. */
async function moveLog(server: OwnPostgres, disk: SmallDisk): Promise<void> {
  const folder = await withClient(server.url, async (client) => join((await client.query('show data_directory')).rows[0].data_directory, 'pg_wal'));
  await server.crash();
  cpSync(folder, disk.folder, { recursive: true });
  rmSync(folder, { recursive: true });
  symlinkSync(disk.folder, folder);
  execFileSync('chown', ['-R', '--reference', dirname(folder), disk.folder]);
  await server.restart();
}

async function nextLogFile(url: string): Promise<void> {
  await withClient(url, (client) => client.query('create table if not exists witness (data text); insert into witness values (1); select pg_switch_wal()'));
}

async function withClient<Result>(connectionString: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
