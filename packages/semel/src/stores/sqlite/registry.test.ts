import { expect, test } from 'vitest';
import { dead, externalItem, handling, itemOf, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';
import type { SqliteStore } from './sqlite-store.ts';

const OPTIONS = { max: 10, leaseMs: 1000, suspects: true };

async function leased(store: SqliteStore, name: string) {
  return (await store.queue.lease(name, OPTIONS)).map((delivery) => itemOf(delivery).message?.id);
}

test('a new consumer starts where it says', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await fixture.publish(store, sealed('old'));
  fixture.aheadMs += 10_000;
  const sinceMs = fixture.context.runtime.clock.now();
  await fixture.publish(store, sealed('new'), sealed('other', { topic: 'others' }));
  await store.registry.join(subscription('all'), { from: 'beginning' });
  await store.registry.join(subscription('since'), { from: { sinceMs } });
  await store.registry.join(subscription('now'), { from: 'now' });
  expect((await store.registry.list()).map(({ name, backlog }) => [name, backlog.ready])).toEqual([
    ['all', 2],
    ['now', 0],
    ['since', 1],
  ]);
  expect([await leased(store, 'all'), await leased(store, 'since'), await leased(store, 'now')]).toEqual([['old', 'new'], ['new'], []]);
  expect(fixture.rows('select count(*) as n from semel_messages')).toEqual([{ n: 3 }]);
});

test('trap 57: a rename keeps records, backlog and dead letters, also where both names are known', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('old'), { from: 'now' });
  await fixture.commit(store, [handling(externalItem(sealed('done')))], { subscription: 'old' });
  const boom = () => {
    throw new Error('no');
  };
  await fixture.commit(store, [handling(externalItem(sealed('dead')), boom)], { subscription: 'old', onFailure: () => dead() });
  await fixture.publish(store, sealed('waits'));
  await store.registry.join(subscription('new'), { from: 'now', previousNames: ['old'] });
  expect((await store.registry.list()).map(({ name, deadLetters, backlog }) => [name, deadLetters, backlog.ready])).toEqual([['new', 1, 1]]);
  expect(await store.inbox.get('new', { source: 'shop/orders', id: 'done' })).toMatchObject({ state: 'done' });
  await store.registry.join(subscription('other'), { from: 'now' });
  await store.registry.join(subscription('other'), { from: 'now', previousNames: ['new'] });
  expect(await leased(store, 'other')).toEqual(['waits']);
  expect(await store.registry.leave('other')).toEqual({ backlog: 1, records: 2, deadLetters: 1 });
  await expect(store.registry.leave('other')).rejects.toMatchObject({ code: 'unknown-consumer' });
});

test('a consumer that a transport feeds from now on keeps what it had', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c'), { from: 'now' });
  await fixture.publish(store, sealed('a'));
  await store.registry.join(subscription('c', { kind: 'remote' }), { from: 'now' });
  await fixture.publish(store, sealed('b'));
  expect(await leased(store, 'c')).toEqual(['a']);
  await store.registry.join(subscription('c'), { from: 'now' });
  expect(await leased(store, 'c')).toEqual([]);
});

test('pruning keeps what somebody still needs', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c'), { from: 'now' });
  const boom = () => {
    throw new Error('no');
  };
  await fixture.publish(store, ...Array.from({ length: 30 }, (_, n) => sealed(`m${n}`)));
  const deliveries = await store.queue.lease('c', { max: 20, leaseMs: 1e9, suspects: true });
  await fixture.commit(
    store,
    deliveries.slice(0, 10).map((delivery) => handling(itemOf(delivery))),
    { subscription: 'c' },
  );
  await fixture.commit(store, [handling(externalItem(sealed('bad')), boom)], { subscription: 'c', onFailure: () => dead() });
  fixture.aheadMs += 10_000;
  await fixture.commit(store, [handling(externalItem(sealed('young')))], { subscription: 'c' });
  const retention = { inboxMs: 5000, messagesMs: 5000 };
  // Ten are through; ten are in flight, ten were not even taken in.
  expect(await store.prune(retention)).toEqual({ inbox: 10, messages: 10, deadLetters: 0 });
  expect(await store.prune({ ...retention, deadLettersMs: 5000 })).toEqual({ inbox: 1, messages: 0, deadLetters: 1 });
  expect(fixture.rows('select id from semel_inbox')).toEqual([{ id: 'young' }]);
});

test('pruning the inbox walks on over more than a batch', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c'), { from: 'now' });
  const records = Array.from({ length: 2500 }, (_, n) => ({ source: `s${n % 3}`, id: `${n}` }));
  expect(await store.inbox.import('c', records)).toBe(2500);
  expect(await store.inbox.import('c', records.slice(0, 5))).toBe(0);
  fixture.aheadMs += 10_000;
  await store.inbox.import('c', [{ source: 's1', id: 'young' }]);
  expect(await store.prune({ inboxMs: 5000, messagesMs: 5000 })).toMatchObject({ inbox: 2500 });
});

test('a large consumer leaves in small steps, and others write between them; interrupted, it can leave once more', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c'), { from: 'now' });
  await store.inbox.import(
    'c',
    Array.from({ length: 20_000 }, (_, n) => ({ source: 's', id: `${n}` })),
  );
  const leaving = store.registry.leave('c').catch((error: unknown) => error);
  for (let turn = 0; turn < 5; turn += 1) await fixture.publish(store, sealed(`m${turn}`));
  await store.close();
  expect(await leaving).toMatchObject({ code: 'store-closed' });
  const left = fixture.rows('select count(*) as n from semel_inbox')[0].n;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(20_000);
  const again = await fixture.open();
  expect((await again.registry.list()).map(({ name, pausedUntilMs }) => [name, pausedUntilMs])).toEqual([['c', Number.POSITIVE_INFINITY]]);
  expect(await again.registry.leave('c')).toEqual({ backlog: 5, records: left, deadLetters: 0 });
  expect(await again.registry.list()).toEqual([]);
});

test('who joins as before waits for nobody’s lock, and is noted as seen where it is free', async () => {
  await using fixture = new SqliteFixture();
  const [store, hasty] = [await fixture.open({ lockTimeoutMs: 60_000 }), await fixture.open({ lockTimeoutMs: 1 })];
  await store.registry.join(subscription('c'), { from: 'now' });
  const other = fixture.raw();
  other.exec('begin immediate');
  await store.registry.join(subscription('c'), { from: 'now', previousNames: ['c', 'never-was'] });
  await expect(hasty.registry.join(subscription('c', { ordered: true }), { from: 'now' })).rejects.toMatchObject({ code: 'store-busy' });
  fixture.aheadMs += 60_000;
  const nowMs = fixture.context.runtime.clock.now();
  await store.registry.join(subscription('c'), { from: 'now' });
  other.exec('rollback');
  other.close();
  expect((await store.registry.list())[0]?.seenAtMs).toBeLessThan(nowMs);
  await store.registry.join(subscription('c'), { from: 'now' });
  expect((await store.registry.list())[0]?.seenAtMs).toBeGreaterThanOrEqual(nowMs);
});
