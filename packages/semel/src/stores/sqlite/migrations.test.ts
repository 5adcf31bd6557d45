import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { Connection } from './connection.ts';
import { dead, externalItem, handling, itemOf, retry, SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';
import type { SqliteStore } from './sqlite-store.ts';

/** The statements that a connection was asked to prepare while `act` ran. */
async function statementsOf(act: () => Promise<void>): Promise<readonly string[]> {
  const seen = new Set<string>();
  const originals = { run: Connection.prototype.run, get: Connection.prototype.get, all: Connection.prototype.all };
  for (const name of ['run', 'get', 'all'] as const) {
    const original = originals[name] as (this: Connection, sql: string, ...values: readonly never[]) => never;
    Connection.prototype[name] = function (this: Connection, sql: string, ...values: readonly never[]): never {
      seen.add(sql);
      return original.call(this, sql, ...values);
    } as never;
  }
  try {
    await act();
  } finally {
    Object.assign(Connection.prototype, originals);
  }
  return [...seen];
}

async function everything(fixture: SqliteFixture, store: SqliteStore): Promise<void> {
  const options = { max: 10, leaseMs: 1000, suspects: true };
  const boom = () => {
    throw new Error('no');
  };
  await fixture.publish(store, sealed('a', { key: 'k' }), sealed('b', { key: 'k' }), sealed('c', { key: 'j' }));
  await store.queue.nextDueMs('c');
  const [first, ...others] = await store.queue.lease('c', { ...options, max: 3 });
  if (first === undefined) throw new Error('nothing was leased');
  await fixture.commit(store, [handling(itemOf(first)), ...others.map((delivery) => handling(itemOf(delivery), boom))], {
    subscription: 'c',
    ordered: true,
    onFailure: () => retry(1),
  });
  fixture.aheadMs += 2000;
  const suspects = await store.queue.lease('c', options);
  await store.queue.extend('c', [{ kind: 'item', item: 1, fence: 1 }], 1000);
  await store.queue.release('c', [{ kind: 'item', item: 1, fence: 1 }]);
  await fixture.commit(
    store,
    suspects.map((delivery) => handling(itemOf(delivery), boom)),
    { subscription: 'c', ordered: true, onFailure: () => dead(true) },
  );
  await fixture.commit(store, [handling(externalItem(sealed('z', { key: 'z' })), boom)], { subscription: 'r', ordered: true, onFailure: () => retry(1, true) });
}

test('publish, lease, nextDue, inspect and settle search by index, however long the backlog is', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c', { ordered: true }), { from: 'now' });
  await store.registry.join(subscription('r', { kind: 'remote', ordered: true }), { from: 'now' });
  const statements = await statementsOf(() => everything(fixture, store));
  const database = new DatabaseSync(fixture.path);
  const scans = statements
    .filter((sql) => sql.includes('semel_') && !/savepoint|release|rollback/.test(sql))
    .flatMap((sql) =>
      database
        .prepare(`explain query plan ${sql}`)
        .all()
        .map((row) => `${row['detail']} in ${sql}`),
    )
    // A table-valued list, and the newest row (which is found from the end of its b-tree), are no scans of a table.
    .filter((plan) => /^SCAN (?!json_each|keys|list|CONSTANT ROW|\()/.test(plan) && !/max\((seq|position)\)/.test(plan) && !/sqlite_sequence/.test(plan));
  database.close();
  expect(scans).toEqual([]);
  expect(statements.length).toBeGreaterThan(25);
});
