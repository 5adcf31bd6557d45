import type pg from 'pg';
import { expect, test } from 'vitest';
import { describeWith } from '../../services/describe-with.ts';
import { PostgresShop } from '../postgres-shop.ts';
import { diagnose, run } from './diagnosis.ts';

/** A session that the server may end. */
async function session(shop: PostgresShop, application: string): Promise<pg.PoolClient> {
  const client = await shop.pool.connect();
  client.on('error', () => {});
  await client.query("select set_config('application_name', $1, false)", [application]);
  return client;
}

/** Returns once the session waits for what is named, or works. */
async function until(shop: PostgresShop, application: string, condition: string): Promise<void> {
  for (;;) {
    const { rowCount } = await shop.pool.query(`select from pg_stat_activity where datname = current_database() and application_name = $1 and ${condition}`, [application]);
    if (rowCount === 1) return;
  }
}

describeWith('postgres', 'doctor on sessions', () => {
  test('a session that is idle in a transaction is told with whom it blocks, and ended by the command told', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    expect(await diagnose(shop, 'idle-transactions', '--max-idle 0s')).toMatchObject({ level: 'ok' });
    const [idler, waiter] = [await session(shop, 'forgetful'), await session(shop, 'patient')];
    await idler.query('begin; lock table semel.schema_steps in access exclusive mode');
    const waiting = waiter.query('select from semel.schema_steps');
    await until(shop, 'patient', "wait_event_type = 'Lock'");
    expect(await diagnose(shop, 'idle-transactions')).toMatchObject({ level: 'ok', found: 'none for more than 1m' });
    const idle = await diagnose(shop, 'idle-transactions', '--max-idle 0s');
    expect(idle).toMatchObject({
      level: 'warn',
      found: expect.stringMatching(/^pid \d+ \(forgetful, postgres\) idle in a transaction for \S+, blocks another session$/),
      todo: expect.stringContaining('`alter role postgres set idle_in_transaction_session_timeout'),
    });
    expect(await diagnose(shop, 'schema')).toMatchObject({ level: 'fail', found: expect.stringContaining('waited too long for a lock') });
    await run(shop, idle.commands[0]);
    await waiting;
    expect(await diagnose(shop, 'idle-transactions', '--max-idle 0s')).toMatchObject({ level: 'ok' });
    for (const client of [idler, waiter]) client.release(true);
  });

  test('a transaction that works for long is told, and ended by the command told', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    const worker = await session(shop, 'report');
    const working = worker.query('select pg_sleep(600)').catch((error) => error);
    await until(shop, 'report', "wait_event = 'PgSleep'");
    expect(await diagnose(shop, 'long-transactions')).toMatchObject({ level: 'ok', found: 'none for more than 15m' });
    const long = await diagnose(shop, 'long-transactions', '--max-transaction 0s');
    expect(long).toMatchObject({ level: 'warn', found: expect.stringMatching(/^pid \d+ \(report, postgres\) in a transaction for \S+$/) });
    await run(shop, ...long.commands);
    expect(await working).toMatchObject({ code: '57P01' });
    expect(await diagnose(shop, 'long-transactions', '--max-transaction 0s')).toMatchObject({ level: 'ok' });
    worker.release(true);
  });

  test('many are told in part', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    const idlers = await Promise.all(Array.from({ length: 7 }, (_, index) => session(shop, `idler-${index}`)));
    for (const idler of idlers) await idler.query('begin');
    const { found, commands } = await diagnose(shop, 'idle-transactions', '--max-idle 0s');
    expect([found.match(/idle in a transaction/g)?.length, found.endsWith('; and 2 more'), commands.filter((command) => command.startsWith('select')).length]).toEqual([
      5,
      true,
      5,
    ]);
    for (const idler of idlers) idler.release(true);
  });
});

describeWith('postgres', 'doctor on vacuum', () => {
  test('dead rows that nobody clears away are told, with who keeps them, and go by the commands told', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    await shop.alter('alter table semel.queue set (autovacuum_enabled = false)');
    expect(await diagnose(shop, 'vacuum')).toMatchObject({ level: 'warn', found: 'queue: autovacuum is disabled' });
    await shop.alter('insert into semel.queue (subscription_id, seq) select 1, n from generate_series(1, 60000) n');
    const reader = await session(shop, 'reader');
    await reader.query('begin isolation level repeatable read; select from semel.inbox');
    await shop.alter('delete from semel.queue; select pg_stat_force_next_flush()');
    const first = await diagnose(shop, 'vacuum', '--max-idle 0s');
    expect(first.found).toMatch(
      /^queue: autovacuum is disabled; pid \d+ \(reader\) keeps dead rows, in a transaction since .*; queue: 60000 dead rows beside \d+, vacuumed never$/,
    );
    await run(shop, ...first.commands);
    expect(await diagnose(shop, 'vacuum', '--max-idle 0s')).toMatchObject({ level: 'ok', found: expect.stringContaining('queue 0 dead') });
    reader.release(true);
  });
});

describeWith('postgres', 'doctor on replication slots', () => {
  test('trap 7: a slot that nobody reads is told with what it keeps, and dropped by the command told', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    const name = `slot_of_${new URL(shop.address).pathname.slice(1)}`;
    await shop.alter(`select pg_create_logical_replication_slot('${name}', 'pgoutput')`);
    const slots = await diagnose(shop, 'slots');
    expect(slots).toMatchObject({ level: 'warn', found: expect.stringMatching(new RegExp(`^slot ${name} keeps \\S+ \\w+ of the log, and nobody reads it$`)) });
    expect(slots.todo).toContain('Nothing limits it');
    await run(shop, slots.commands[0]);
    expect(await diagnose(shop, 'slots')).toMatchObject({ level: 'ok', found: 'no replication slot in this database' });
  });
});
