import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresSchemaSql } from '../../../src/stores/postgres/index.ts';
import { describeWith, serviceUrl } from '../../services/describe-with.ts';
import { OwnPostgres } from '../../services/own-postgres.ts';
import { through } from '../../services/postgres.ts';
import { PostgresShop } from '../postgres-shop.ts';
import { diagnose, run } from './diagnosis.ts';

/** A log whose files cost little to make, room for prepared transactions, little of it for notifications. */
const SETTINGS = { wal_init_zero: 'off', max_prepared_transactions: '5', max_connections: '30', max_notify_queue_pages: '64', wal_sender_timeout: '0' };

describeWith('postgres', 'doctor on a server of its own', () => {
  let server: OwnPostgres;
  let shop: PostgresShop;
  beforeAll(async () => {
    server = await OwnPostgres.start(SETTINGS);
    shop = await (await PostgresShop.open(server.url)).sell();
  });
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function set(name: string, value: string): Promise<void> {
    await shop.alter(`alter system set ${name} = '${value}'`);
    await shop.alter('select pg_reload_conf()');
    await inForce(name, value);
  }

  /** Returns once a setting that was reloaded is in force for whoever connects. */
  async function inForce(name: string, value: string): Promise<void> {
    for (let found: unknown; found !== value; ) {
      const client = new pg.Client({ connectionString: shop.address });
      await client.connect();
      found = (await client.query(`select current_setting('${name}') as value`)).rows[0].value;
      await client.end();
    }
  }

  /** Writes as many files of the log, 16 MiB each. */
  async function writeLog(files: number): Promise<void> {
    for (let file = 0; file < files; file++) await shop.alter("select pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()");
  }

  test('connections: what takes most of them is told', async () => {
    const greedy = new pg.Pool({ connectionString: shop.address, max: 22, application_name: 'greedy' });
    const clients = await Promise.all(Array.from({ length: 22 }, () => greedy.connect()));
    expect(await diagnose(shop, 'connections')).toMatchObject({
      level: 'warn',
      found: expect.stringMatching(/^2\d of 27 are taken, most of them by greedy \(22\)$/),
      todo: expect.stringContaining('`alter system set max_connections = 60`'),
    });
    for (const client of clients) client.release(true);
    await greedy.end();
  });

  test('durability: a page that is torn is told, and mended by the commands told', async () => {
    await set('full_page_writes', 'off');
    const durability = await diagnose(shop, 'durability');
    expect(durability).toMatchObject({ level: 'fail', found: 'full_page_writes off: a crash loses messages that were acknowledged' });
    await run(shop, ...durability.commands);
    await inForce('full_page_writes', 'on');
    expect(await diagnose(shop, 'durability')).toMatchObject({ level: 'ok' });
  });

  test('vacuum: autovacuum that is off is turned on by the commands told', async () => {
    await set('autovacuum', 'off');
    const vacuum = await diagnose(shop, 'vacuum');
    expect(vacuum).toMatchObject({ level: 'warn', found: 'autovacuum is off' });
    await run(shop, ...vacuum.commands);
    await inForce('autovacuum', 'on');
    expect(await diagnose(shop, 'vacuum')).toMatchObject({ level: 'ok' });
  });

  test('trap 3: a transaction that was prepared and forgotten is told, and undone by the command told', async () => {
    await shop.alter("begin; insert into semel.queue (subscription_id, seq) values (9, 1); prepare transaction 'it''s forgotten'");
    expect(await diagnose(shop, 'long-transactions')).toMatchObject({ level: 'ok' });
    const long = await diagnose(shop, 'long-transactions', '--max-transaction 0s');
    expect(long).toMatchObject({ level: 'warn', found: expect.stringMatching(/^transaction 'it''s forgotten' is prepared for \S+$/) });
    await shop.alter('alter table semel.queue set (autovacuum_enabled = false); insert into semel.queue (subscription_id, seq) select 8, n from generate_series(1, 60000) n');
    await shop.alter('delete from semel.queue where subscription_id = 8; select pg_stat_force_next_flush()');
    const vacuum = await diagnose(shop, 'vacuum');
    expect(vacuum.found).toContain("the prepared transaction 'it''s forgotten' keeps dead rows");
    await run(shop, ...vacuum.commands);
    expect(await diagnose(shop, 'vacuum')).toMatchObject({ level: 'ok' });
    expect(await diagnose(shop, 'long-transactions', '--max-transaction 0s')).toMatchObject({ level: 'ok' });
  });

  test('trap 6: whoever keeps the notifications from being cleared away is told, and ended by the command told', async () => {
    const listener = new pg.Client({ connectionString: shop.address });
    listener.on('error', () => {});
    await listener.connect();
    await listener.query('listen semel_test');
    await listener.query('begin; select 1');
    for (let page = 0; page < 10; page++) await shop.alter(`select pg_notify('semel_test', repeat('${page}', 7900))`);
    const queue = await diagnose(shop, 'notify-queue');
    expect(queue).toMatchObject({ level: 'warn', found: expect.stringMatching(/^1\d % full: the oldest transaction, of pid \d+, is open for \S+$/) });
    await shop.alter(`create role blind login; ${postgresSchemaSql({ role: 'blind' })}`);
    const blind = await diagnose(shop, 'notify-queue', `--store ${Object.assign(new URL(shop.address), { username: 'blind' }).href}`);
    expect(blind).toMatchObject({ level: 'warn', found: expect.stringMatching(/^1\d % full$/), todo: expect.stringContaining('pg_read_all_stats') });
    await run(shop, ...queue.commands);
    expect(await diagnose(shop, 'notify-queue')).toMatchObject({ level: 'ok', found: '0 % full' });
    await listener.end().catch(() => {});
  });

  test('trap 7: a slot that keeps much is told, whether or not it is read, and limited by the commands told', async () => {
    await shop.alter('create publication log for table semel.messages');
    await shop.alter("select pg_create_logical_replication_slot('slow', 'pgoutput')");
    await writeLog(66);
    const idle = await diagnose(shop, 'slots');
    expect(idle).toMatchObject({ level: 'warn', found: 'slot slow keeps 1.0 GiB of the log, and nobody reads it' });
    const reader = await reading('slow');
    const behind = await diagnose(shop, 'slots');
    expect(behind).toMatchObject({ level: 'warn', found: 'slot slow keeps 1.0 GiB of the log: its reader is behind' });
    const [drop, ...limit] = behind.commands;
    await run(shop, ...limit);
    await inForce('max_slot_wal_keep_size', '10GB');
    expect((await diagnose(shop, 'slots')).found).toMatch(/^slot slow keeps 1\.0 GiB of the log, and may be lost after another (8\.9|9\.\d) GiB: its reader is behind$/);
    await reader.end();
    await shop.alter("select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = 'slow' and active");
    await run(shop, drop);
    expect(await diagnose(shop, 'slots')).toMatchObject({ level: 'ok' });
    await shop.alter('drop publication log');
  });

  test('trap 7: a slot that is about to be lost is given time by the commands told; one that is lost is dropped', async () => {
    await set('max_slot_wal_keep_size', '32MB');
    await shop.alter("select pg_create_logical_replication_slot('doomed', 'pgoutput')");
    await writeLog(5);
    const doomed = await diagnose(shop, 'slots');
    expect(doomed).toMatchObject({ level: 'warn', found: expect.stringMatching(/^slot doomed is about to be lost: it keeps \d+ MiB of the log$/) });
    await run(shop, ...doomed.commands);
    await inForce('max_slot_wal_keep_size', '1GB');
    expect((await diagnose(shop, 'slots')).found).toMatch(/^slot doomed keeps \d+ MiB of the log, and may be lost after another \d+ MiB, and nobody reads it$/);
    await set('max_slot_wal_keep_size', '32MB');
    await writeLog(2);
    await shop.alter('checkpoint');
    const lost = await diagnose(shop, 'slots');
    expect(lost).toMatchObject({ level: 'warn', found: 'slot doomed is lost: the server has removed what it was to read' });
    await run(shop, ...lost.commands);
    expect(await diagnose(shop, 'slots')).toMatchObject({ level: 'ok' });
  });

  /** A reader that confirms nothing. */
  async function reading(slot: string): Promise<pg.Client> {
    const reader = new pg.Client({ connectionString: `${shop.address}?replication=database` });
    reader.on('error', () => {});
    await reader.connect();
    const { connection } = reader as unknown as { readonly connection: NodeJS.EventEmitter };
    const started = new Promise((resolve) => connection.once('replicationStart', resolve));
    const answer = reader.query(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names 'log')`); // only once it ends
    answer.catch(() => {});
    await Promise.race([started, answer]);
    return reader;
  }

  test('a password that is wrong or missing is told, and not shown', async () => {
    const { rows } = await shop.pool.query("select current_setting('hba_file') as file");
    await shop.alter("create role guest login password 's3cret'");
    writeFileSync(rows[0].file, `host all guest all scram-sha-256\n${readFileSync(rows[0].file, 'utf8')}`);
    await shop.alter('select pg_reload_conf()');
    const told = (password: string) => shop.semel(`status --debug --store ${Object.assign(new URL(shop.address), { username: 'guest', password }).href}`);
    while ((await told('wr0ng')).stderr.includes('[store-forbidden]')); // it is trusted until the file is read again
    const { exitCode, stderr } = await told('wr0ng');
    expect(stderr).toMatch(/password authentication failed for user "guest"; the password is taken from the address, PGPASSWORD or .* \[store-unavailable\]/);
    expect([exitCode, stderr.includes('wr0ng')]).toEqual([3, false]);
    expect((await told('')).stderr).toContain('the server asks for a password, and none was given');
    expect((await told('s3cret')).stderr).toContain('[store-forbidden]');
  });

  test('a replica takes no writes, and is made the primary by the command told', async () => {
    const { rows } = await shop.pool.query("select current_setting('data_directory') as folder");
    await server.crash();
    writeFileSync(join(rows[0].folder, 'standby.signal'), '');
    await server.restart();
    const replica = await diagnose(shop, 'server');
    expect(replica).toMatchObject({ level: 'fail', found: expect.stringContaining('a replica: it takes no writes') });
    await run(shop, ...replica.commands);
    expect(await diagnose(shop, 'server')).toMatchObject({ level: 'ok' });
  });
});

describeWith('postgres', 'doctor on a server that was set up in haste', () => {
  test('what its command line says is told', async () => {
    await using server = await OwnPostgres.start({ wal_level: 'replica', fsync: 'off' });
    await using shop = await (await PostgresShop.open(server.url)).sell();
    expect(await diagnose(shop, 'wal-level')).toMatchObject({ level: 'ok', found: 'replica; no publication asks for more' });
    await shop.alter('create publication log for table semel.messages');
    expect(await diagnose(shop, 'wal-level')).toMatchObject({
      level: 'warn',
      found: 'replica: the publication log cannot be read from the log',
      todo: expect.stringContaining('`alter system set wal_level = logical`, then restart'),
    });
    expect(await diagnose(shop, 'durability')).toMatchObject({ level: 'fail', todo: 'restart the server without `-c fsync=off`.' });
  });
});

describeWith('pgbouncer', 'doctor through PgBouncer', () => {
  test('finds a store in order, and says why no wake-up comes', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    const store = `--store ${through(serviceUrl('pgbouncer') ?? '', shop.address)}`;
    for (const check of ['drift', 'grants', 'durability', 'pauses']) expect(await diagnose(shop, check, store)).toMatchObject({ level: 'ok' });
    expect(await diagnose(shop, 'server', store)).toMatchObject({ level: 'ok', found: expect.stringContaining('behind a pooler') });
  });
});
