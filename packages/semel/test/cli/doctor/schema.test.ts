import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GOOD, sellIn } from '../../../src/cli/shop-fixture.ts';
import { systemRuntime } from '../../../src/core/runtime.ts';
import { postgres } from '../../../src/stores/postgres/index.ts';
import { describeWith } from '../../services/describe-with.ts';
import { PostgresShop } from '../postgres-shop.ts';
import { diagnose, run } from './diagnosis.ts';

describeWith('postgres', 'doctor on the schema', () => {
  let shop: PostgresShop;
  beforeAll(async () => {
    shop = await (await PostgresShop.open()).sell();
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  describe('drift', () => {
    test.each([
      ['drop index semel.queue_due', 'missing: index queue_due of queue'],
      ['alter table semel.queue drop column history', 'missing: column history of queue'],
      ['alter table semel.messages drop constraint messages_source_id_key', 'missing: constraint messages_source_id_key of messages'],
      ['alter table semel.queue drop constraint queue_pkey', 'missing: constraint queue_pkey of queue'],
      ['drop table semel.replays', 'missing: table replays'],
      ['drop table semel.store_identity', 'missing: table store_identity'],
      ['alter table semel.messages alter parked drop default', 'column parked of messages is boolean not null, not boolean not null default false'],
      ['alter table semel.queue alter attempts type integer', 'column attempts of queue is integer not null default 0, not smallint not null default 0'],
      ['alter table semel.messages alter key type text collate "POSIX"', 'column key of messages is text collate "POSIX", not text collate "C"'],
      ["alter table semel.inbox drop constraint inbox_state_check, add constraint inbox_state_check check (state = 'done')", 'constraint inbox_state_check of inbox is CHECK'],
      ["update pg_index set indisvalid = false where indexrelid = 'semel.queue_held'::regclass", '(invalid), not USING btree (dead_letter_id)'],
      ['alter table semel.inbox set unlogged', 'table inbox is unlogged table, not table'],
      ['alter table semel.leases enable row level security', 'table leases is table with row level security, not table'],
      ["update semel.schema_steps set checksum = 'x' where version = 1", 'step 1 (start) was applied in another form than this version ships'],
    ])('is told, with what mends it: %s', async (damage, found) => {
      await shop.alter(damage);
      const drift = await diagnose(shop, 'drift');
      expect(drift).toMatchObject({ level: 'fail', found: expect.stringContaining(found) });
      await run(shop, ...drift.commands);
      expect(await diagnose(shop, 'drift')).toMatchObject({ level: 'ok', found: 'the tables are as they were made' });
    });

    test.each([
      ['create index mine on semel.inbox (at_ms)', 'extra: index mine of inbox'],
      ['alter table semel.inbox add mine text', 'extra: column mine of inbox'],
      ['alter table semel.inbox add constraint mine check (at_ms > 0)', 'extra: constraint mine of inbox'],
      ['create trigger mine before update on semel.inbox for each row execute function suppress_redundant_updates_trigger()', 'extra: trigger mine of inbox'],
    ])('by what nobody needs only warns: %s', async (addition, found) => {
      await shop.alter(addition);
      const drift = await diagnose(shop, 'drift');
      expect(drift).toMatchObject({ level: 'warn', found });
      await run(shop, ...drift.commands);
      expect(await diagnose(shop, 'drift')).toMatchObject({ level: 'ok' });
    });

    test('of several kinds is told at once, and the store works again when all is mended', async () => {
      await shop.alter('drop table semel.replays; drop index semel.queue_due; alter table semel.inbox drop column result, add mine text');
      const drift = await diagnose(shop, 'drift');
      expect(drift.found).toBe('missing: column result of inbox; missing: index queue_due of queue; missing: table replays; extra: column mine of inbox');
      await run(shop, ...drift.commands);
      await shop.alter('alter table semel.inbox drop mine');
      expect(await diagnose(shop, 'drift')).toMatchObject({ level: 'ok' });
      await shop.sell(GOOD);
      expect(await shop.json('replays')).toMatchObject({ replays: [] });
    });

    test('leaves no trace of its comparison', async () => {
      await diagnose(shop, 'drift');
      expect((await shop.pool.query("select relname from pg_class where relpersistence = 't'")).rows).toEqual([]);
    });
  });

  describe('steps', () => {
    test('that are pending are made by the command told, in an empty database too', async () => {
      await using empty = await PostgresShop.open();
      for (const [damage, found] of [
        ['select 1', "the schema semel has none of Semel's tables"],
        ['drop table semel.replays; delete from semel.schema_steps where version = 2', 'lacks step 2 (replays)'],
      ] as const) {
        await empty.alter(damage);
        const schema = await diagnose(empty, 'schema');
        expect(schema).toMatchObject({ level: 'fail', found });
        await run(empty, ...schema.commands.filter((command) => command.startsWith('semel ')));
        expect(await diagnose(empty, 'schema')).toMatchObject({ level: 'ok' });
      }
    });

    test('of a newer Semel are left to its own doctor, and refused where it says so', async () => {
      await shop.alter("insert into semel.schema_steps values (99, 'later', 'x', 1, '0.1.0'); drop index semel.queue_due");
      expect(await diagnose(shop, 'drift')).toMatchObject({ level: 'ok', found: expect.stringContaining('a newer Semel made step 99 (later)') });
      expect(await diagnose(shop, 'version')).toMatchObject({ level: 'ok' });
      await shop.alter("update semel.schema_steps set oldest = '99.0.0' where version = 99");
      expect(await diagnose(shop, 'version')).toMatchObject({
        level: 'fail',
        found: expect.stringContaining('needs Semel 99.0.0 or later'),
        todo: 'Deploy a version of Semel at least as new as the message says.',
      });
      await shop.alter('delete from semel.schema_steps where version = 99; create index queue_due on semel.queue (subscription_id, due_at_ms) where due_at_ms is not null');
      expect(await diagnose(shop, 'drift')).toMatchObject({ level: 'ok' });
    });
  });

  describe('a role', () => {
    const role = `app "${randomBytes(4).toString('hex')}`;
    const escaped = pg.escapeIdentifier(role);
    let address: string;
    beforeAll(async () => {
      await shop.alter(`create role ${escaped} login`);
      address = Object.assign(new URL(shop.address), { username: encodeURIComponent(role) }).href;
    });
    afterAll(() => shop.alter(`drop owned by ${escaped}; drop role ${escaped}`));

    test('that was granted nothing gets what is told, and can run a service then', async () => {
      const grants = await diagnose(shop, 'grants', `--store ${address}`);
      expect(grants).toMatchObject({ level: 'fail', found: `${role} may not do what a service does` });
      await run(shop, ...grants.commands);
      expect(await diagnose(shop, 'grants', `--store ${address}`)).toMatchObject({ level: 'ok', found: `${role} lacks none` });
      const pool = new pg.Pool({ connectionString: address });
      await sellIn(postgres(pool), [GOOD], systemRuntime);
      await pool.end();
    });

    test('that lost a grant gets back just that', async () => {
      await shop.alter(`revoke insert, delete on semel.inbox, semel.queue from ${escaped}; revoke usage on sequence semel.messages_seq_seq from ${escaped}`);
      const { commands } = await diagnose(shop, 'grants', `--store ${address}`);
      expect(commands).toEqual([`grant insert, delete on semel.inbox, semel.queue to ${escaped}`, `grant usage on sequence semel.messages_seq_seq to ${escaped}`]);
      await run(shop, ...commands);
      expect(await diagnose(shop, 'grants', `--store ${address}`)).toMatchObject({ level: 'ok' });
    });

    test('is looked at by its name, and one that is not there is told', async () => {
      expect(await diagnose(shop, 'grants', '--role pg_monitor')).toMatchObject({ level: 'fail', found: 'pg_monitor may not do what a service does' });
      expect(await diagnose(shop, 'grants', '--role nobody')).toMatchObject({ level: 'fail', found: 'there is no role nobody' });
      expect(await diagnose(shop, 'grants')).toMatchObject({ level: 'ok', found: 'postgres lacks none' });
    });

    test('that may make no temporary tables is told how the drift can be looked for', async () => {
      await shop.alter(`revoke temporary on database ${new URL(shop.address).pathname.slice(1)} from public`);
      const drift = await diagnose(shop, 'drift', `--store ${address}`);
      expect(drift).toMatchObject({ level: 'warn', found: expect.stringContaining('not looked for') });
      await run(shop, ...drift.commands);
      expect(await diagnose(shop, 'drift', `--store ${address}`)).toMatchObject({ level: 'ok' });
    });
  });
});
