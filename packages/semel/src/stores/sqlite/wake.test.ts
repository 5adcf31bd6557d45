import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { SqliteFixture, sealed, subscription } from './sqlite-fixture.ts';

const PUBLISH = `
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1], { timeout: 2000 });
  database.exec("insert into semel_messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms) values ('s', 'x', 'orders', 'orders', '', '{}', '1', '', 1)");
`;

test('a commit of this process wakes at once, and no more after the watch is over', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  let woken = 0;
  const stop = store.queue.watch(() => {
    woken += 1;
  });
  await fixture.publish(store, sealed('a'));
  expect(woken).toBeGreaterThan(0);
  stop();
  const before = woken;
  await fixture.publish(store, sealed('b'));
  expect(woken).toBe(before);
});

test('a commit of another process wakes, and what it published can be leased', async () => {
  await using fixture = new SqliteFixture();
  const store = await fixture.open();
  await store.registry.join(subscription('c'), { from: 'now' });
  const leased = new Promise((resolve, reject) => {
    store.queue.watch(
      () => void store.queue.lease('c', { max: 1, leaseMs: 1000, suspects: true }).then((deliveries) => deliveries.length > 0 && resolve(deliveries.length), reject),
    );
  });
  const child = spawn(process.execPath, ['--no-warnings', '-e', PUBLISH, fixture.path], { stdio: 'inherit' });
  await once(child, 'exit');
  expect(await leased).toBe(1);
});
