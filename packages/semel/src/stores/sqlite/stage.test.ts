import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { business, externalItem, handling, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';

test('trap 15: one identity staged twice is one message, another payload is refused with both fingerprints', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c'), { from: 'now' });
  await fixture.publish(store, sealed('a'), sealed('a'), sealed('b'));
  await fixture.publish(store, sealed('a'));
  expect((await store.queue.lease('c', { max: 10, leaseMs: 1000, suspects: true })).length).toBe(2);
  const conflict = { code: 'identity-conflict', details: { recorded: 'print-of-1', received: 'print-of-2' } };
  await expect(fixture.publish(store, sealed('a', { data: 2 }))).rejects.toMatchObject(conflict);
  await expect(fixture.publish(store, sealed('n', { data: 1 }), sealed('n', { data: 2 }))).rejects.toMatchObject(conflict);
  expect(fixture.rows('select id from semel_messages order by seq')).toEqual([{ id: 'a' }, { id: 'b' }]);
});

test('a conflict in a group fails its own work alone', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('r', { kind: 'remote' }), { from: 'now' });
  await fixture.publish(store, sealed('a'));
  const staging = (id: string, message = sealed(`from-${id}`)) => handling(externalItem(sealed(`cause-${id}`)), (scope) => scope.stage(message));
  const verdicts = await fixture.commit(store, [staging('1'), staging('2', sealed('a', { data: 2 })), staging('3')], { subscription: 'r', onFailure: () => retry(1) });
  expect(verdicts).toMatchObject([{ kind: 'done' }, { kind: 'failed', error: { code: 'identity-conflict' } }, { kind: 'done' }]);
  expect(fixture.rows('select id from semel_messages order by seq')).toEqual([{ id: 'a' }, { id: 'from-1' }, { id: 'from-3' }]);
});

test('a message that was parked here and is then published is published', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('r', { kind: 'remote' }), { from: 'now' });
  await store.registry.join(subscription('c'), { from: 'now' });
  const boom = () => {
    throw new Error('no');
  };
  await fixture.commit(store, [handling(externalItem(sealed('a')), boom)], { subscription: 'r', onFailure: () => retry(0, true) });
  expect(await store.queue.lease('c', { max: 1, leaseMs: 1000, suspects: true })).toEqual([]);
  await fixture.publish(store, sealed('a'));
  expect((await store.queue.lease('c', { max: 10, leaseMs: 1000, suspects: true })).length).toBe(1);
  expect((await store.queue.lease('r', { max: 10, leaseMs: 1000, suspects: true })).length).toBe(1);
});

test('a message is published in the user’s own transaction, or not at all', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  const own = new DatabaseSync(fixture.path);
  expect(() => store.enlist(own)).toThrow(expect.objectContaining({ code: 'foreign-transaction' }));
  own.exec('begin immediate');
  const stage = store.enlist(own);
  await stage.stage(sealed('a'));
  await expect(stage.stage(sealed('a', { data: 2 }))).rejects.toMatchObject({ code: 'identity-conflict' });
  own.exec('rollback');
  await expect(stage.stage(sealed('a'))).rejects.toMatchObject({ code: 'foreign-transaction' });
  own.exec('begin immediate');
  await store.enlist(own).stage(sealed('b'));
  own.exec('commit');
  own.close();
  expect(fixture.rows('select id from semel_messages')).toEqual([{ id: 'b' }]);
  const other = new DatabaseSync(':memory:');
  other.exec('begin');
  for (const foreign of [other, {}, undefined, 'tx']) expect(() => store.enlist(foreign)).toThrow(expect.objectContaining({ code: 'foreign-transaction' }));
  other.close();
});

test('the fate of a unit is known', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await fixture.commit(store, [business(() => undefined)], { unit: 'u' });
  await expect(
    fixture.commit(
      store,
      [
        business(() => {
          throw new Error('no');
        }),
      ],
      { unit: 'v' },
    ),
  ).rejects.toThrow('no');
  expect([await store.resolve('u'), await store.resolve('v')]).toEqual(['committed', 'aborted']);
});

test('a group that had to be halved did not commit under its own name', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('r', { kind: 'remote' }), { from: 'now' });
  await fixture.commit(store, [business(({ tx }) => tx.exec('create table p (a primary key); create table t (p references p deferrable initially deferred)'))]);
  const good = handling(externalItem(sealed('good')));
  const orphan = handling(externalItem(sealed('bad')), ({ tx }) => tx.exec('insert into t values (1)'));
  expect((await fixture.commit(store, [good, orphan], { subscription: 'r', unit: 'u', onFailure: () => retry(1) })).map(({ kind }) => kind)).toEqual(['done', 'failed']);
  expect(await store.resolve('u')).toBe('aborted');
});
