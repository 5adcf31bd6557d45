import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services/describe-with.ts';
import { database, type TestDatabase } from '../../../test/services/postgres.ts';
import type { SchemaStep } from '../../core/schema-steps.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { Reject } from '../../core/throwables.ts';
import { topic } from '../../core/topic.ts';
import { createSemel, type Semel } from '../../semel.ts';
import { type PostgresTransaction, postgres, postgresSchemaSql } from './index.ts';
import { MIGRATIONS } from './migrations.ts';

const schema: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } };
const orders = topic('orders', { schema, id: (id) => id, key: (id) => id });
const VERSIONS = MIGRATIONS.map(({ version }) => version);

describeWith('postgres', 'the schema on Postgres', () => {
  let db: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    db = await database();
    pool = new pg.Pool({ connectionString: db.url });
  });
  afterAll(async () => {
    await pool.end();
    await db.drop();
  });

  /** A service in a schema of its own, whose consumer refuses the order `bad` and fails once at `again`. */
  function service(schema: string, through: pg.Pool = pool): { readonly semel: Semel<PostgresTransaction>; readonly handled: string[] } {
    const handled: string[] = [];
    const semel = createSemel({ name: 'shop', store: postgres(through, { schema }) });
    semel.consume(orders, { name: 'payments', group: false, retry: { attempts: 2, baseMs: 1, capMs: 1 } }, ({ message, attempt }) => {
      if (message.data === 'bad') throw new Reject({ reason: 'bad' });
      if (message.data === 'again' && attempt === 1) throw new Error('again');
      handled.push(message.data);
    });
    return { semel, handled };
  }

  async function serve(semel: Semel<PostgresTransaction>, ...ids: readonly string[]): Promise<void> {
    const running = await semel.start();
    for (const id of ids) await semel.publish(orders, id);
    await running.idle();
    await running.stop();
  }

  test('ten processes that start at once on an empty database all succeed, and each step is applied once', async () => {
    const troubles = await Promise.all(Array.from({ length: 10 }, () => migrateInProcess(db.url, 'ten')));
    expect(troubles).toEqual(Array.from({ length: 10 }, () => ''));
    const { rows } = await pool.query('select version from ten.schema_steps order by version');
    expect(rows.map(({ version }) => version)).toEqual(VERSIONS);
    await serve(service('ten').semel, 'A1');
  }, 60_000);

  test('the printed SQL, run by whoever owns the database, lets a role that owns nothing run a whole service', async () => {
    const role = `app "${randomBytes(4).toString('hex')}`;
    const escaped = pg.escapeIdentifier(role);
    await pool.query(`create role ${escaped} login`);
    try {
      for (let upgrade = 1; upgrade <= 2; upgrade++) await pool.query(postgresSchemaSql({ schema: 'printed', role })); // what was made is passed over
      const address = new URL(db.url);
      address.username = encodeURIComponent(role);
      const app = new pg.Pool({ connectionString: address.href });
      const { semel, handled } = service('printed', app);
      await serve(semel, 'A1', 'again', 'bad');
      const [letter] = await semel.deadLetters.list();
      await semel.deadLetters.redrive(letter?.id ?? -1);
      await semel.pause('payments');
      await semel.resume('payments');
      expect((await semel.replay('payments', { from: new Date(0), by: 'ann', reason: 'a test' })).messages).toBe(2);
      await serve(semel, 'A2');
      expect(handled.sort()).toEqual(['A1', 'A1', 'A2', 'again', 'again']);
      expect(await semel.prune()).toEqual({ inbox: 0, messages: 0, deadLetters: 0 });
      expect(await semel.remove('payments')).toMatchObject({ deadLetters: 1, records: 4 });
      await expect(app.query('delete from printed.schema_steps')).rejects.toThrow('permission denied');
      await semel.close();
      await app.end();
      await pool.query('create table printed.later (id int)'); // as a later step would
      expect((await pool.query("select has_table_privilege($1, 'printed.later', 'insert') as may", [role])).rows).toEqual([{ may: true }]);
    } finally {
      await pool.query(`drop owned by ${escaped}; drop role ${escaped}`);
    }
  });

  test('who owns the schema and may create no other can make the next step', async () => {
    const role = `owner_${randomBytes(4).toString('hex')}`;
    await pool.query(`create role ${role} login; create schema owned authorization ${role}`);
    const address = new URL(db.url);
    address.username = role;
    const own = new pg.Pool({ connectionString: address.href });
    const semel = createSemel({ name: 'shop', store: postgres(own, { schema: 'owned', migrate: true }) });
    await semel.open();
    await semel.close();
    await own.end();
    await pool.query(`drop owned by ${role}; drop role ${role}`);
  });

  test('a step of a newer Semel is made beneath a running service: what admits it, it works with; what does not, the next start refuses', async () => {
    await pool.query(postgresSchemaSql({ schema: 'rolling' }));
    const older = service('rolling');
    const running = await older.semel.start();
    await older.semel.publish(orders, 'A1');
    await pool.query(`alter table rolling.messages add column later text default 'x'; alter table rolling.queue add column later text;
      insert into rolling.schema_steps values (99, 'later', 'x', 1, '0.1.0')`);
    await older.semel.publish(orders, 'A2');
    await running.idle();
    await running.stop();
    const second = service('rolling');
    await serve(second.semel, 'A3');
    expect([older.handled.sort(), second.handled]).toEqual([['A1', 'A2'], ['A3']]);
    await pool.query("update rolling.schema_steps set oldest = '99.0.0' where version = 99");
    await expect(service('rolling').semel.open()).rejects.toMatchObject({ code: 'schema-newer', message: expect.stringContaining('99.0.0') });
  });

  test('a step that meets transactions at work gives way, again and again, until it is made', async () => {
    await pool.query(postgresSchemaSql({ schema: 'busy' }));
    const steps = MIGRATIONS as SchemaStep[];
    steps.push({ version: 1000, name: 'wide', oldest: '0.1.0', sql: 'alter table {s}.messages add column wide text;\nalter table {s}.queue add column wide text;\n' });
    const semel = createSemel({ name: 'shop', store: postgres(pool, { schema: 'busy', migrate: true }) });
    const worker = await pool.connect();
    try {
      await worker.query('begin; lock table busy.queue in row exclusive mode');
      let outcome: unknown;
      const opened = semel.open().then(
        () => (outcome = 'migrated'),
        (error: unknown) => (outcome = error),
      );
      const waits = async () => outcome !== undefined || (await pool.query("select from pg_locks where not granted and relation = 'busy.queue'::regclass")).rowCount === 1;
      for (let round = 0; round < 8; round++) {
        await expect.poll(waits, { timeout: 10_000, interval: 5 }).toBe(true);
        await worker.query('lock table busy.messages in row exclusive mode; commit'); // as many do who hold the other one
        await worker.query('begin; lock table busy.queue in row exclusive mode');
      }
      await worker.query('commit');
      expect(await opened).toBe('migrated');
      await semel.close();
    } finally {
      worker.release();
      steps.pop();
    }
  }, 30_000);

  test('a missing schema, a pending step and an altered one are refused, and nothing is changed', async () => {
    await expect(service('absent').semel.open()).rejects.toMatchObject({ code: 'schema-missing' });
    expect((await pool.query("select to_regnamespace('absent') as found")).rows).toEqual([{ found: null }]);
    await pool.query(postgresSchemaSql({ schema: 'older' }));
    await pool.query("update older.schema_steps set checksum = 'x' where version = 1");
    await expect(service('older').semel.open()).rejects.toMatchObject({ code: 'schema-changed' });
    await pool.query('delete from older.schema_steps where version = 1');
    await expect(service('older').semel.open()).rejects.toMatchObject({ code: 'schema-outdated', message: expect.stringContaining('1 (start)') });
  });

  test.each(['', 'x'.repeat(64), 'a\0b'])('no SQL is printed for what is no name of a role: %j', (role) => {
    expect(() => postgresSchemaSql({ role })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

const PROGRAM = `
  const [{ Pool }, { createSemel }, { postgres }] = await Promise.all(process.argv.slice(1, 4).map((path) => import(path)));
  const pool = new Pool({ connectionString: process.argv[4] });
  const semel = createSemel({ name: 'shop', store: postgres(pool, { schema: process.argv[5], migrate: true }) });
  await semel.open();
  await semel.close();
  await pool.end();
`;

/** Opens a store in a process of its own; what it had to complain about. */
async function migrateInProcess(url: string, schema: string): Promise<string> {
  const modules = [import.meta.resolve('pg'), ...['../../semel.ts', './index.ts'].map((path) => new URL(path, import.meta.url).href)];
  const child = spawn(process.execPath, ['--no-warnings', '--conditions=semel-source', '--input-type=module', '-e', PROGRAM, ...modules, url, schema], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let trouble = '';
  child.stderr.on('data', (chunk) => {
    trouble += chunk;
  });
  const [code] = await once(child, 'exit');
  return code === 0 ? '' : trouble || `ended with ${code}`;
}
