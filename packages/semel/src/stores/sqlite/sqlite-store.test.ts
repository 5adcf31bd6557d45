import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../core/delivery.ts';
import { business, dead, externalItem, handling, itemOf, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';

const boom = () => {
  throw new Error('boom');
};

const COUNTS = `select (select count(*) from effects) as effects, (select count(*) from semel_inbox) as records,
  (select count(*) from semel_messages where topic = 'mails') as messages, (select count(*) from semel_queue) as queued`;

describe('the path of a message', () => {
  test('published, leased, handled and recorded with its effect', async () => {
    await using fixture = new SqliteFixture();
    const store = await fixture.open();
    await store.registry.join(subscription('billing'), { from: 'now' });
    await fixture.commit(store, [business(({ tx }) => tx.exec('create table effects (id text primary key)'))]);
    await fixture.publish(store, sealed('a'), sealed('b'));
    const deliveries = await store.queue.lease('billing', { max: 10, leaseMs: 1000, suspects: true });
    expect(deliveries.map(({ receipt, attempt }) => [receipt, attempt])).toEqual([
      [{ kind: 'item', item: 1, fence: 1 }, 1],
      [{ kind: 'item', item: 2, fence: 1 }, 1],
    ]);
    const works = deliveries.map((delivery) =>
      handling(itemOf(delivery), ({ tx }) => tx.prepare('insert into effects values (?)').run(itemOf(delivery).message?.id ?? '').changes),
    );
    expect(await fixture.commit(store, works, { subscription: 'billing' })).toEqual([
      { kind: 'done', result: 1 },
      { kind: 'done', result: 1 },
    ]);
    expect(fixture.rows('select id from effects')).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(await store.inbox.get('billing', { source: 'shop/orders', id: 'a' })).toMatchObject({ state: 'done', result: 1 });
    expect(await store.queue.nextDueMs('billing')).toBeUndefined();
    expect(await fixture.commit(store, [handling(externalItem(sealed('a')), boom)], { subscription: 'billing' })).toEqual([{ kind: 'duplicate', result: 1 }]);
  });

  test('effect, record, message and queue row are committed at once: nothing is to be seen before, and nothing is missing after', async () => {
    await using fixture = new SqliteFixture();
    const store = await fixture.open();
    await store.registry.join(subscription('billing'), { from: 'now' });
    await fixture.commit(store, [business(({ tx }) => tx.exec('create table effects (id text primary key)'))]);
    await fixture.publish(store, sealed('a'));
    const [delivery] = await store.queue.lease('billing', { max: 1, leaseMs: 1000, suspects: true });
    const seen: unknown[] = [];
    fixture.lifecycle.observe(({ type }) => void seen.push({ type, ...fixture.rows(COUNTS)[0] }));
    const work = handling(itemOf(delivery as Delivery), async (scope) => {
      scope.tx.exec("insert into effects values ('a')");
      await scope.stage(sealed('mail-a', { topic: 'mails' }));
    });
    await fixture.commit(store, [work], { subscription: 'billing' });
    const before = { effects: 0, records: 0, messages: 0, queued: 1 };
    expect(seen).toEqual([
      ...['begun', 'claimed', 'staged', 'committing'].map((type) => ({ type, ...before })),
      { type: 'committed', effects: 1, records: 1, messages: 1, queued: 0 },
    ]);
  });

  test('one that fails keeps its neighbours, and its writes and messages go', async () => {
    await using fixture = new SqliteFixture();
    const store = await fixture.open();
    await store.registry.join(subscription('billing', { kind: 'remote' }), { from: 'now' });
    await store.registry.join(subscription('mail'), { from: 'now' });
    const work = (id: string, fail: boolean) =>
      handling(externalItem(sealed(id)), async (scope) => {
        await scope.stage(sealed(`mail-${id}`));
        if (fail) boom();
      });
    const verdicts = await fixture.commit(store, [work('a', false), work('b', true), work('c', false)], { subscription: 'billing', onFailure: () => retry(10) });
    expect(verdicts.map(({ kind }) => kind)).toEqual(['done', 'failed', 'done']);
    expect(fixture.rows('select id from semel_inbox')).toEqual([{ id: 'a' }, { id: 'c' }]);
    expect((await store.queue.lease('mail', { max: 10, leaseMs: 1000, suspects: true })).length).toBe(2);
    expect(await fixture.commit(store, [work('b', true)], { subscription: 'billing', onFailure: () => dead() })).toMatchObject([{ kind: 'failed' }]);
    expect(await store.deadLetters.list()).toMatchObject([{ consumer: 'billing', messageId: 'b' }]);
  });
});
