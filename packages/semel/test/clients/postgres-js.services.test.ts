import postgres, { type Sql, type TransactionSql } from 'postgres';
import { createSemel, type Semel } from 'semel';
import { fromPostgresJs } from 'semel/postgres';
import { faultProxy } from 'semel/testing';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { ClientBench, codeOf, NOTHING } from './client-bench.ts';
import { clientSuite } from './client-suite.ts';
import { Shop, sale } from './shop.ts';

const MODULE = new URL('./libraries/postgres-js.ts', import.meta.url);

clientSuite('postgres.js', MODULE);

describeWith('postgres', 'what is peculiar to postgres.js', () => {
  let bench: ClientBench;
  let shop: Shop;
  const transaction = (body: (tx: TransactionSql) => Promise<unknown>) => shop.semel.transaction(({ tx }) => body(tx as TransactionSql));
  const insert = (tx: TransactionSql, id: string, customer?: string) => tx`insert into sales ${tx({ ...sale(id, customer) })}`;

  beforeAll(async () => {
    bench = await ClientBench.open(MODULE);
    shop = Shop.handling(bench.client.store, () => {});
  });
  afterAll(() => bench?.close());

  /** Postgres.js with one connection, and an engine on it. */
  function alone(url: string): { readonly sql: Sql; readonly semel: Semel<TransactionSql>; readonly notices: unknown[] } {
    const notices: unknown[] = [];
    const sql = postgres(url, { max: 1, onnotice: (notice) => notices.push(notice) });
    return { sql, semel: createSemel({ name: 'shop', store: fromPostgresJs(sql) }), notices };
  }

  test('trap 20: a COMMIT that is refused gives its connection to whoever waits for it, and no ROLLBACK follows it there', async () => {
    const { sql, semel, notices } = alone(bench.url);
    const ended: unknown[] = [];
    const refused = semel.transaction(({ tx }) => insert(tx, 'refused', 'nobody'));
    const undone = semel.transaction(({ tx }) => insert(tx, 'undone').then(() => Promise.reject(new Error('undone'))));
    await Promise.all([refused.catch(({ code }) => ended.push(code)), undone.catch(({ message }) => ended.push(message))]);
    expect(ended).toEqual(['23503', 'undone']);
    expect(notices).toEqual([]); // there would be one of a ROLLBACK without a transaction
    expect(await bench.trace('undone')).toEqual(NOTHING);
    await semel.close();
    await sql.end();
  });

  test('trap 20: nothing is sent on a connection that is lost, and the next one is as good as new', async () => {
    const { hostname, port } = new URL(bench.url);
    await using proxy = await faultProxy({ to: { host: hostname, port: Number(port) } });
    const { sql, semel } = alone(Object.assign(new URL(bench.url), { port: proxy.port }).href);
    const lost = semel.transaction(async ({ tx }) => {
      const cut = proxy.once({ request: 'unheard', then: 'cut-before-request' });
      await expect(tx`select 'unheard'`).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(insert(tx, 'afterwards')).rejects.toMatchObject({ code: 'store-unavailable' });
      await cut;
    });
    expect(await codeOf(lost)).toBe('store-unavailable');
    for (const answer of ['first', 'second']) expect(await sql`select ${answer} as answer`).toEqual([{ answer }]);
    await semel.close();
    await sql.end({ timeout: 1 });
  });

  test('trap 20: what postgres.js has not sent when the connection is lost fails as well', async () => {
    const lost = transaction(async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const asked = [tx`select pg_sleep(60), ${1}::int`, insert(tx, 'sent'), insert(tx, 'queued'), insert(tx, 'behind it')];
      const settled = Promise.allSettled(asked);
      await bench.admin.query('select pg_terminate_backend($1)', [row?.pid]);
      expect((await settled).map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    });
    expect(await codeOf(lost)).toBe('store-unavailable');
  });

  test('fragments, lists, cursors and row callbacks see what the handler wrote', async () => {
    await transaction(async (tx) => {
      await insert(tx, 'seen');
      const byId = tx`id in ${tx(['seen', 'unseen'])}`;
      const seen: unknown[] = [...(await tx`select ${tx('id')} from sales where ${byId}`)];
      for await (const rows of tx`select id from sales where ${byId}`.cursor(1)) seen.push(...rows);
      await tx`select id from sales where ${byId}`.forEach((row) => seen.push({ ...row }));
      expect(seen).toEqual([{ id: 'seen' }, { id: 'seen' }, { id: 'seen' }]);
    });
  });

  test('a notification is part of the transaction', async () => {
    const heard: unknown[] = [];
    const listener = await bench.admin.connect();
    listener.on('notification', ({ payload }) => heard.push(payload));
    await listener.query('listen sold');
    const notify = (payload: string, end: () => unknown) => transaction((tx) => tx.notify('sold', payload).then(end));
    await expect(notify('undone', () => Promise.reject(new Error('undone')))).rejects.toThrow('undone');
    await notify('sold', () => {});
    await expect.poll(() => heard).toEqual(['sold']);
    listener.release(true);
  });

  test('what cannot be looked at, or would end the transaction, is refused', async () => {
    await transaction(async (tx) => {
      expect(await codeOf((async () => tx.file('harmless.sql'))())).toBe('capability-missing');
      expect(await codeOf((async () => tx.prepare('name'))())).toBe('transaction-control');
      expect(await codeOf(tx`${tx`commit`}`)).toBe('transaction-control');
      await insert(tx, 'kept');
    });
    expect(await bench.trace('kept')).toEqual({ ...NOTHING, effect: 1 });
  });
});

test('an instance that renames camel case is refused', () => {
  expect(() => fromPostgresJs(postgres({ transform: postgres.pascal }))).toThrow(expect.objectContaining({ code: 'bad-option' }));
});

test('tx is the TransactionSql of the instance, with its types', () => {
  const semel = createSemel({ name: 'shop', store: fromPostgresJs(postgres({ types: { bigint: postgres.BigInt } })) });
  expectTypeOf(semel.transaction<void>)
    .parameter(0)
    .parameter(0)
    .toHaveProperty('tx')
    .toEqualTypeOf<TransactionSql<{ bigint: bigint }>>();
});
