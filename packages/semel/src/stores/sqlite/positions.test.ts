import { expect, test } from 'vitest';
import type { CommitOptions, WorkItem } from '../../core/store.ts';
import { dead, externalItem, handling, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';
import type { SqliteStore } from './sqlite-store.ts';

const step = (id: string, from: number, epoch = 1, key?: string): WorkItem =>
  externalItem(sealed(id, key === undefined ? {} : { key }), { receipt: { kind: 'position', partition: 'p', from: String(from), to: String(from + 1), epoch } });

async function joined(fixture: SqliteFixture): Promise<SqliteStore> {
  const store = await fixture.open();
  await store.registry.join(subscription('log', { kind: 'remote', ordered: true }), { from: 'now' });
  return store;
}

function commit(fixture: SqliteFixture, store: SqliteStore, items: readonly WorkItem[], failing: readonly string[] = [], options: Partial<CommitOptions> = {}) {
  const works = items.map((item) =>
    handling(item, () => {
      if (failing.includes(item.message?.id ?? '')) throw new Error('no');
    }),
  );
  return fixture.commit(store, works, { subscription: 'log', ordered: true, ...options });
}

const position = (fixture: SqliteFixture) => fixture.rows('select position from semel_positions')[0]?.position;

test('trap 56: another epoch is a zombie, another position under the own epoch is not', async () => {
  await using fixture = new SqliteFixture();
  const store = await joined(fixture);
  expect(await store.positions.acquire('log', ['p'])).toEqual([{ partition: 'p', position: undefined, epoch: 1, crashes: 0 }]);
  expect((await commit(fixture, store, [step('a', 0), step('b', 1)])).map(({ kind }) => kind)).toEqual(['done', 'done']);
  expect(await commit(fixture, store, [step('b', 1), step('c', 2), step('x', 9)])).toMatchObject([{ kind: 'moved', position: '2' }, { kind: 'done' }, { kind: 'moved' }]);
  expect(await store.positions.acquire('log', ['p'])).toEqual([{ partition: 'p', position: '3', epoch: 2, crashes: 1 }]);
  expect(await commit(fixture, store, [step('d', 3)])).toEqual([{ kind: 'lost' }]);
  expect(position(fixture)).toBe('3');
  await expect(store.positions.acquire('nobody', ['p'])).rejects.toMatchObject({ code: 'unknown-consumer' });
});

test('trap 28: a position never passes what has to come again', async () => {
  await using fixture = new SqliteFixture();
  const store = await joined(fixture);
  await store.positions.acquire('log', ['p']);
  const verdicts = await commit(fixture, store, [step('a', 0), step('bad', 1), step('c', 2)], ['bad'], { onFailure: () => retry(5) });
  expect(verdicts.map(({ kind }) => kind)).toEqual(['done', 'failed', 'held']);
  expect(position(fixture)).toBe('1');
});

test('trap 28: nor does a duplicate behind it carry the position past', async () => {
  await using fixture = new SqliteFixture();
  const store = await joined(fixture);
  await store.positions.acquire('log', ['p']);
  await commit(fixture, store, [externalItem(sealed('b'))]);
  const verdicts = await commit(fixture, store, [step('a', 0), step('bad', 1), step('b', 2)], ['bad'], { onFailure: () => retry(5) });
  expect(verdicts.map(({ kind }) => kind)).toEqual(['done', 'failed', 'duplicate']);
  expect(position(fixture)).toBe('1');
});

test('a parked retry lets the log go on, and the later ones of its key wait behind it', async () => {
  await using fixture = new SqliteFixture();
  const store = await joined(fixture);
  await store.positions.acquire('log', ['p']);
  const verdicts = await commit(fixture, store, [step('k1', 0, 1, 'k'), step('k2', 1, 1, 'k'), step('j1', 2, 1, 'j')], ['k1'], { onFailure: () => retry(1000, true) });
  expect(verdicts).toMatchObject([{ kind: 'failed' }, { kind: 'held', parked: true }, { kind: 'done' }]);
  expect(position(fixture)).toBe('3');
  expect(await commit(fixture, store, [step('k3', 3, 1, 'k')])).toEqual([{ kind: 'held', parked: true }]);
  expect(await store.queue.lease('log', { max: 10, leaseMs: 1000, suspects: true })).toEqual([]);
  fixture.aheadMs += 1001;
  const parked = await store.queue.lease('log', { max: 10, leaseMs: 1000, suspects: true });
  expect(parked.map(({ content, attempt }) => ['message' in content && content.message.id, attempt])).toEqual([
    ['k1', 2],
    ['k2', 1],
    ['k3', 1],
  ]);
});

test('a dead one from outside holds its key, and what cannot be decoded keeps its bytes', async () => {
  await using fixture = new SqliteFixture();
  const store = await joined(fixture);
  await commit(fixture, store, [externalItem(sealed('k1', { key: 'k' }))], ['k1'], { onFailure: () => dead(true) });
  expect(await commit(fixture, store, [externalItem(sealed('k2', { key: 'k' }))])).toEqual([{ kind: 'held', parked: true }]);
  const bytes = new Uint8Array([1, 2, 3]);
  const receipt = { kind: 'external' } as const;
  const broken: WorkItem = { receipt, delivery: { topic: 'orders', content: { bytes }, receipt, attempt: 1 } };
  const boom = handling(broken, () => {
    throw new Error('no');
  });
  for (const _ of [1, 2]) await fixture.commit(store, [boom], { subscription: 'log', onFailure: () => dead(false, 'not-json') });
  const letters = await store.deadLetters.list({ consumer: 'log' });
  expect(letters).toMatchObject([{ messageId: 'k1' }, { source: 'orders', reason: 'not-json', messageId: expect.stringMatching(/^sha256-/) }]);
  expect([...(letters[1]?.bytes ?? [])]).toEqual([1, 2, 3]);
  await expect(store.deadLetters.redrive(letters[1]?.id ?? 0)).rejects.toMatchObject({ code: 'not-redrivable' });
  expect(await store.deadLetters.redrive(letters[0]?.id ?? 0)).toBe(true);
  expect((await store.queue.lease('log', { max: 10, leaseMs: 1000, suspects: true })).length).toBe(2);
});

test('trap 15: a conflicting payload gets a dead letter of its own, which is not redrivable', async () => {
  await using fixture = new SqliteFixture();
  const store = await joined(fixture);
  await commit(fixture, store, [externalItem(sealed('a'))], ['a'], { onFailure: () => dead() });
  const other = externalItem(sealed('a', { data: 2 }));
  expect(await commit(fixture, store, [other], [], { onFailure: () => dead(false, 'identity-conflict') })).toMatchObject([
    { kind: 'failed', error: { code: 'identity-conflict' } },
  ]);
  const letters = await store.deadLetters.list();
  expect(letters.map(({ reason, message }) => [reason, message?.data])).toEqual([
    ['Error', 1],
    ['identity-conflict', 2],
  ]);
  await expect(store.deadLetters.redrive(letters[1]?.id ?? 0)).rejects.toMatchObject({ code: 'not-redrivable' });
});
