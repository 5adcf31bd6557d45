import { expect, test } from 'vitest';
import { business, externalItem, handling, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';
import type { SqliteStatement, SqliteTransaction } from './transaction-handle.ts';

test('has the shape of node:sqlite, and settings do not leak to other users of a text', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  const sql = 'select cast(:a as integer) as a';
  await fixture.commit(store, [
    business(({ tx }) => {
      tx.exec('create table t (a); insert into t values (1), (2)');
      const settled = tx.prepare(sql);
      settled.setReadBigInts(true);
      settled.setReturnArrays(true);
      expect(settled.get({ a: 1 })).toEqual([1n]);
      expect(tx.prepare(sql).get({ a: 1 })).toEqual({ a: 1 });
      expect([...tx.prepare('select a from t order by a').iterate()].map((row) => row['a'])).toEqual([1, 2]);
      expect(tx.prepare('select a from t').columns()[0]?.name).toBe('a');
      expect(tx.prepare('insert into t values (?)').run(3)).toMatchObject({ changes: 1 });
      expect(tx.isTransaction).toBe(true);
    }),
  ]);
});

test('trap 48: a handle and its statements are refused after their handler settled', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  let kept: SqliteTransaction | undefined;
  let statement: SqliteStatement | undefined;
  let rows: Iterator<unknown> | undefined;
  const uses = [() => kept?.prepare('select 1'), () => kept?.exec('select 1'), () => statement?.get(), () => rows?.next()];
  await fixture.commit(store, [
    business(({ tx }) => {
      kept = tx;
      statement = tx.prepare('select 1');
      rows = tx.prepare('select 1 union select 2').iterate();
      rows.next();
    }),
    business(() => {
      for (const use of uses.slice(0, 3)) expect(use).toThrow(expect.objectContaining({ code: 'transaction-over' }));
    }),
  ]);
  for (const use of uses.slice(0, 3)) expect(use).toThrow(expect.objectContaining({ code: 'transaction-over' }));
});

test('trap 44: a statement that ends the transaction takes its work with it, even if its error is caught', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('billing', { kind: 'remote' }), { from: 'now' });
  await fixture.commit(store, [business(({ tx }) => tx.exec('create table t (a unique); insert into t values (1)'))]);
  const ends = handling(externalItem(sealed('bad')), ({ tx }) => {
    try {
      tx.exec('insert or rollback into t values (1)');
    } catch {
      // Swallowed: what follows must not commit by itself.
    }
    expect(() => tx.exec('insert into t values (2)')).toThrow(expect.objectContaining({ code: 'transaction-ended' }));
  });
  const verdicts = await fixture.commit(store, [handling(externalItem(sealed('good')), ({ tx }) => tx.exec('insert into t values (3)')), ends], {
    subscription: 'billing',
    onFailure: () => retry(1),
  });
  expect(verdicts).toMatchObject([{ kind: 'done' }, { kind: 'failed', error: { code: 'transaction-ended' } }]);
  expect(fixture.rows('select a from t order by a')).toEqual([{ a: 1 }, { a: 3 }]);
});

test('transaction control is refused before it runs, a constraint passes as it is', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await fixture.commit(store, [
    business(({ tx }) => {
      tx.exec('create table t (a unique); insert into t values (1)');
      expect(() => tx.exec('commit')).toThrow(expect.objectContaining({ code: 'transaction-control' }));
      expect(() => tx.prepare('rollback')).toThrow(expect.objectContaining({ code: 'transaction-control' }));
      expect(() => tx.exec('insert into t values (1)')).toThrow(expect.objectContaining({ code: 'ERR_SQLITE_ERROR' }));
    }),
  ]);
  expect(fixture.rows('select a from t')).toEqual([{ a: 1 }]);
});

test('trap 44: in a concurrent group savepoints are refused, since they would undo a neighbour’s writes; one after another they are the handler’s own', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('billing', { kind: 'remote' }), { from: 'now' });
  await fixture.commit(store, [business(({ tx }) => tx.exec('create table t (a); insert into t values (0)'))]);
  const refusals: string[] = [];
  const handler = (id: string) =>
    handling(externalItem(sealed(id)), ({ tx }) => {
      for (const sql of ['savepoint mine', 'rollback to mine', 'release mine']) {
        for (const use of [() => tx.exec(sql), () => tx.prepare(sql).run()]) {
          try {
            use();
          } catch (error) {
            refusals.push((error as { code: string }).code);
          }
        }
      }
      tx.exec(`insert into t values (${id})`);
      if (id === '3' && refusals.length > 0) throw new Error('fails once');
    });
  const options = { subscription: 'billing', concurrent: true, onFailure: () => retry(1) };
  expect((await fixture.commit(store, [handler('1'), handler('2')], options)).map(({ kind }) => kind)).toEqual(['done', 'done']);
  expect(refusals).toEqual(Array(12).fill('transaction-control'));
  const isolated = handling(externalItem(sealed('4')), ({ tx }) => {
    let mayHave = true;
    try {
      tx.exec('savepoint mine; delete from t; rollback to mine; release mine');
    } catch {
      mayHave = false;
    }
    tx.prepare('insert into t values (?)').run(mayHave ? 4 : -4);
  });
  expect((await fixture.commit(store, [handler('3'), isolated], options)).map(({ kind }) => kind)).toEqual(['failed', 'done']);
  expect(fixture.rows('select a from t order by a').map(({ a }) => a)).toEqual([0, 1, 2, 4]);
});
