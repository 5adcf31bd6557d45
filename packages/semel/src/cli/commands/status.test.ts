import { expect, test } from 'vitest';
import { createSemel } from '../../semel.ts';
import { sqlite } from '../../stores/sqlite/index.ts';
import { BAD, GOOD, NOW_MS, Shop, THEN_MS } from '../shop-fixture.ts';

async function pause(shop: Shop): Promise<void> {
  const semel = createSemel({ name: 'shop', store: sqlite(shop.file) });
  await semel.pause('payments');
  await semel.close();
}

test('shows each subscription, aligned', async () => {
  using shop = await new Shop().sell(GOOD, BAD);
  await pause(shop);
  expect(await shop.semel('status')).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `NAME      KIND   TOPIC   READY  IN FLIGHT  RETRYING  HELD  OLDEST  DEAD  PAUSED
payments  local  orders      0          0         0     0       -     1  until resumed
`,
  });
});

test('has for programs what the store has, and a pause that JSON can carry', async () => {
  using shop = await new Shop().sell(GOOD);
  await pause(shop);
  const about = { name: 'payments', kind: 'local', topic: 'orders', ordered: true, joinedAtMs: THEN_MS, seenAtMs: THEN_MS };
  expect(await shop.json('status')).toEqual({
    store: `sqlite:${shop.file}`,
    nowMs: NOW_MS,
    subscriptions: [{ ...about, backlog: { ready: 0, inFlight: 0, retrying: 0, held: 0 }, deadLetters: 0, paused: true }],
  });
});

test('says so where nobody has joined', async () => {
  using shop = new Shop();
  await shop.semel('migrate');
  expect(await shop.semel('status')).toEqual({ exitCode: 0, stdout: 'No consumer or route has joined yet.\n', stderr: '' });
});
