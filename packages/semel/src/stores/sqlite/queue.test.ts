import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../core/delivery.ts';
import type { ItemReceipt, Settlement } from '../../core/store.ts';
import { dead, handling, itemOf, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';
import type { SqliteStore } from './sqlite-store.ts';

const OPTIONS = { max: 10, leaseMs: 1000, suspects: true };
const ids = (deliveries: readonly Delivery[]) => deliveries.map((delivery) => itemOf(delivery).message?.id);
const receipts = (deliveries: readonly Delivery[]) => deliveries.map(({ receipt }) => receipt as ItemReceipt);
const keyed = (...names: readonly string[]) => names.map((name) => sealed(name, { key: name[0] as string }));

async function settle(fixture: SqliteFixture, store: SqliteStore, deliveries: readonly Delivery[], failing: readonly string[] = [], settlement?: Settlement) {
  const works = deliveries.map((delivery) =>
    handling(itemOf(delivery), () => {
      if (failing.includes(itemOf(delivery).message?.id ?? '')) throw new Error('no');
    }),
  );
  const verdicts = await fixture.commit(store, works, { subscription: 'c', ordered: true, onFailure: () => settlement });
  await store.queue.release('c', receipts(deliveries.filter((_, index) => verdicts[index]?.kind === 'held')));
  return verdicts.map(({ kind }) => kind);
}

async function ordered(fixture: SqliteFixture): Promise<SqliteStore> {
  const store = await fixture.open();
  await store.registry.join(subscription('c', { ordered: true }), { from: 'now' });
  return store;
}

describe('order', () => {
  test('trap 4: a lease on the head of a key is a lock on the key', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, ...keyed('a1', 'b1', 'a2'));
    expect(ids(await store.queue.lease('c', { ...OPTIONS, max: 1 }))).toEqual(['a1']);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['b1']);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual([]);
  });

  test('runs come out whole and in order, and keys share a batch', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, ...keyed('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'b4'));
    // The first round takes in what fits; the batch is never larger than asked for, and each key is in its order.
    const first = await store.queue.lease('c', { ...OPTIONS, max: 6 });
    expect(first.length).toBe(6);
    expect(ids(first).filter((id) => id?.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4'].slice(0, ids(first).filter((id) => id?.startsWith('a')).length));
    await settle(fixture, store, first);
    expect([...ids(first), ...ids(await store.queue.lease('c', OPTIONS))].sort()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'b4']);
  });

  test('a retry keeps its key waiting, and other keys go on', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, ...keyed('a1', 'a2', 'b1'));
    expect(await settle(fixture, store, await store.queue.lease('c', OPTIONS), ['a1'], retry(500))).toEqual(['failed', 'held', 'done']);
    expect(await store.queue.lease('c', OPTIONS)).toEqual([]);
    fixture.aheadMs += 600;
    const again = await store.queue.lease('c', OPTIONS);
    expect(again.map(({ attempt, history }) => [attempt, history?.length])).toEqual([
      [2, 1],
      [1, undefined],
    ]);
    expect(await settle(fixture, store, again)).toEqual(['done', 'done']);
    expect(await store.queue.nextDueMs('c')).toBeUndefined();
  });

  test('a dead head holds its key until it is redriven or discarded', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, ...keyed('a1', 'a2', 'b1'));
    await settle(fixture, store, await store.queue.lease('c', OPTIONS), ['a1'], dead(true));
    expect(await store.queue.nextDueMs('c')).toBeUndefined();
    expect((await store.registry.list())[0]?.backlog).toEqual({ ready: 0, inFlight: 0, retrying: 0, held: 2 });
    const [letter] = await store.deadLetters.list();
    expect(await store.deadLetters.redrive(letter?.id ?? 0)).toBe(true);
    const again = await store.queue.lease('c', OPTIONS);
    expect(ids(again)).toEqual(['a1', 'a2']);
    await settle(fixture, store, again, ['a1'], dead(true));
    expect(await store.deadLetters.discard((await store.deadLetters.list())[0]?.id ?? 0)).toBe(true);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['a2']);
    expect(await store.inbox.get('c', { source: 'shop/orders', id: 'a1' })).toMatchObject({ state: 'dead' });
  });

  test('turning order on gives a backlog its order', async () => {
    await using fixture = new SqliteFixture();
    const store = await fixture.open();
    await store.registry.join(subscription('c'), { from: 'now' });
    await fixture.publish(store, ...keyed('a1', 'a2', 'b1'));
    await store.queue.release('c', receipts(await store.queue.lease('c', OPTIONS)));
    await store.registry.join(subscription('c', { ordered: true }), { from: 'now' });
    expect(ids(await store.queue.lease('c', { ...OPTIONS, max: 2 }))).toEqual(['a1', 'b1']);
  });
});

describe('leases', () => {
  test('trap 11: who outlives a lease writes nothing', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, sealed('x'));
    const stale = await store.queue.lease('c', OPTIONS);
    fixture.aheadMs += 2000;
    const fresh = await store.queue.lease('c', OPTIONS);
    expect(await settle(fixture, store, stale)).toEqual(['lost']);
    expect(await store.queue.extend('c', receipts(stale), 1000)).toEqual(receipts(stale));
    await store.queue.release('c', receipts(stale));
    expect(await store.queue.extend('c', receipts(fresh), 5000)).toEqual([]);
    expect(await settle(fixture, store, fresh)).toEqual(['done']);
    expect(fixture.rows('select count(*) as n from semel_inbox')).toEqual([{ n: 1 }]);
  });

  test('traps 33 and 51: after a crash each member runs alone, its attempt counted before', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, ...keyed('a1', 'a2', 'b1'));
    await store.queue.lease('c', OPTIONS);
    fixture.aheadMs += 2000;
    const first = await store.queue.lease('c', OPTIONS);
    expect(first.map(({ attempt, suspect }) => [attempt, suspect])).toEqual([[1, true]]);
    expect(ids(first)).toEqual(['a1']);
    expect(fixture.rows('select attempts from semel_queue order by position').map(({ attempts }) => attempts)).toEqual([1, 0, 0]);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['b1']);
    fixture.aheadMs += 2000;
    const second = await store.queue.lease('c', OPTIONS);
    expect(second.map(({ attempt }) => attempt)).toEqual([2]);
    await settle(fixture, store, second);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['a2']);
  });

  test('a suspect that is given back has its attempt given back, and stays suspect', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, sealed('x'));
    await store.queue.lease('c', OPTIONS);
    fixture.aheadMs += 2000;
    await store.queue.release('c', receipts(await store.queue.lease('c', OPTIONS)));
    expect(await store.queue.lease('c', OPTIONS)).toMatchObject([{ attempt: 1, suspect: true }]);
  });

  test('nothing is leased while paused', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    await fixture.publish(store, sealed('x'));
    await store.registry.pause('c', Number.POSITIVE_INFINITY);
    expect(await store.queue.lease('c', OPTIONS)).toEqual([]);
    expect(await store.queue.nextDueMs('c')).toBeUndefined();
    expect((await store.registry.list())[0]?.pausedUntilMs).toBe(Number.POSITIVE_INFINITY);
    await store.registry.resume('c');
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['x']);
  });
});

describe('intake', () => {
  test('trap 1: the cursor skips nothing, since numbers become visible in their order', async () => {
    await using fixture = new SqliteFixture();
    const [one, two] = [await ordered(fixture), await fixture.open()];
    const seen: (string | undefined)[] = [];
    await Promise.all([
      (async () => {
        for (let n = 0; n < 40; n += 1) await fixture.publish(n % 2 ? one : two, sealed(`m${n}`));
      })(),
      (async () => {
        while (seen.length < 40) {
          seen.push(...ids(await one.queue.lease('c', { max: 10, leaseMs: 60_000, suspects: true })));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })(),
    ]);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => `m${n}`));
  });

  test('trap 53: what a route leases carries its sequence, ascending by key', async () => {
    await using fixture = new SqliteFixture();
    const store = await fixture.open();
    await store.registry.join(subscription('orders>out', { kind: 'route', ordered: true }), { from: 'now' });
    await fixture.publish(store, ...keyed('a1', 'a2'), sealed('free'));
    const sequences = (await store.queue.lease('orders>out', OPTIONS)).map((delivery) => itemOf(delivery).message?.headers['sequence']);
    expect(sequences[2]).toBeUndefined();
    expect((sequences[0] ?? '') < (sequences[1] ?? '')).toBe(true);
  });

  test('a delayed message comes when it is due, in the place of its due time', async () => {
    await using fixture = new SqliteFixture();
    const store = await ordered(fixture);
    const delayed = {
      items: [],
      run: async (scope: Parameters<Parameters<typeof handling>[1] & object>[0]) => {
        await scope.stage(sealed('a1', { key: 'a' }), { notBeforeMs: Date.now() + 5000 });
        await scope.stage(sealed('a2', { key: 'a' }));
        return [];
      },
    };
    await fixture.commit(store, [delayed]);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['a2']);
    fixture.aheadMs += 900;
    expect(await store.queue.nextDueMs('c')).toBeLessThan(Date.now() + 5001);
    fixture.aheadMs += 5000;
    const suspect = await store.queue.lease('c', OPTIONS);
    expect(ids(suspect)).toEqual(['a2']);
    await settle(fixture, store, suspect);
    expect(ids(await store.queue.lease('c', OPTIONS))).toEqual(['a1']);
  });
});
