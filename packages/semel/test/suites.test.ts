import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqlite } from 'semel/sqlite';
import { ackBroker, collecting, logBroker, memory, storeSuite, transportSuite } from 'semel/testing';
import { test } from 'vitest';

storeSuite({
  test,
  name: 'memory',
  capabilities: memory().capabilities,
  create: async () => {
    const store = memory();
    return {
      store,
      effects: { write: (tx, key) => tx.set(key, ((tx.get(key) as number | undefined) ?? 0) + 1), list: async () => repeated(await store.values()) },
      another: () => memory({ state: store.state }),
      close: async () => {},
    };
  },
});

storeSuite({
  test,
  name: 'collecting',
  capabilities: collecting().capabilities,
  create: async () => {
    const store = collecting();
    return {
      store,
      effects: { write: (tx, key) => tx.put(key, ((tx.get(key) as number | undefined) ?? 0) + 1), list: async () => repeated(store.state.values) },
      another: () => collecting({ state: store.state }),
      close: async () => {},
    };
  },
});

storeSuite({
  test,
  name: 'sqlite',
  capabilities: sqlite('unused.db').capabilities,
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'semel-suite-'));
    const path = join(folder, 'suite.db');
    const database = new DatabaseSync(path);
    database.exec('pragma journal_mode = wal; create table effects (key text)');
    return {
      store: sqlite(path),
      effects: {
        write: (tx, key) => void tx.prepare('insert into effects values (?)').run(key),
        list: async () =>
          database
            .prepare('select key from effects')
            .all()
            .map(({ key }) => String(key)),
      },
      another: () => sqlite(path),
      close: async () => {
        database.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

/** Each key as many times as it was written. */
function repeated(values: ReadonlyMap<string, unknown>): readonly string[] {
  return [...values].flatMap(([key, count]) => Array.from({ length: Number(count) }, () => key));
}

for (const [name, transport] of [
  ['log', () => logBroker({ partitions: 3 })],
  ['log of one partition', () => logBroker({ partitions: 1 })],
  ['ack', () => ackBroker()],
  ['shuffling ack', () => ackBroker({ shuffleSeed: 7 })],
] as const) {
  transportSuite({
    test,
    name,
    transport: transport(),
    create: async () => {
      const broker = transport();
      return { transport: broker, topic: 'orders', inject: (bytes) => broker.inject('orders', bytes), patienceMs: 20, close: async () => {} };
    },
  });
}
