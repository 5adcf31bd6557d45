import type { Pool } from 'pg';
import { expect, test, vi } from 'vitest';
import type { Store } from '../../src/core/store.ts';
import { bury, failFor, idsOf, messageOf, type StoreBench } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { holding, postgresBench } from './bench.ts';

const EVERYTHING = -1;

/** How many statements wait for a lock just now. */
async function waiting(admin: Pool): Promise<number | null> {
  return (await admin.query("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).rowCount;
}

/** Resolves once so many statements wait for a lock. */
async function untilWaiting(admin: Pool, count: number): Promise<void> {
  await vi.waitFor(async () => expect(await waiting(admin)).toBe(count), { interval: 5 });
}

/** Publishes messages of one key, and has the first of them die. */
async function dead(bench: StoreBench, holdKey: boolean, ...ids: readonly string[]): Promise<void> {
  await bench.join('pay', { ordered: true });
  await bench.publish(ids.map((id) => messageOf(id, { key: 'k' })));
  await bench.handle('pay', await bench.lease('pay', 1), { ordered: true, run: failFor(...ids), onFailure: bury({ holdKey }) });
}

async function redrive(store: Store): Promise<unknown> {
  const [letter] = await store.deadLetters.list();
  return store.deadLetters.redrive(letter?.id ?? -1);
}

async function replay(store: Store): Promise<unknown> {
  return store.replays?.replay({ consumer: 'pay', fromMs: 0, by: 'test', reason: 'test' });
}

/** Begins a task when a prune has locked all messages, which then removes them. */
async function amidPrune<Result>(admin: Pool, begin: () => Promise<Result>): Promise<Result> {
  const pruner = await admin.connect();
  try {
    await pruner.query('begin; select from semel.messages for update');
    const task = begin();
    await untilWaiting(admin, 1);
    await pruner.query('delete from semel.messages; commit');
    return await task;
  } finally {
    pruner.release(true);
  }
}

describeWith('postgres', 'pruning beside others', () => {
  test('leaves the message that a redrive is putting back', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await dead(bench, false, 'a');
    await using slow = await holding(
      admin,
      'begin; insert into semel.queue (subscription_id, seq, message_seq) select subscription_id, 0, seq from semel.subscriptions, semel.messages',
    );
    const redriving = redrive(bench.store);
    await untilWaiting(admin, 1);
    expect(await bench.store.prune({ messagesMs: EVERYTHING })).toMatchObject({ messages: 0 });
    await slow[Symbol.asyncDispose]();
    expect(await redriving).toBe(true);
    expect(idsOf(await bench.lease('pay'))).toEqual(['a']);
  });

  test('leaves the messages that a replay is putting back', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await bench.join('pay');
    await bench.publish([messageOf('a')]);
    await bench.handle('pay', await bench.lease('pay'));
    await using slow = await holding(admin, 'begin; select from semel.inbox for update');
    const replaying = replay(bench.store);
    await untilWaiting(admin, 1);
    expect(await bench.store.prune({ messagesMs: EVERYTHING })).toMatchObject({ messages: 0 });
    await slow[Symbol.asyncDispose]();
    expect(await replaying).toMatchObject({ messages: 1 });
    expect(idsOf(await bench.lease('pay'))).toEqual(['a']);
  });

  test('takes from a replay what it was about to put back', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await bench.join('pay');
    await bench.publish([messageOf('a')]);
    await bench.handle('pay', await bench.lease('pay'));
    expect(await amidPrune(admin, () => replay(bench.store))).toMatchObject({ messages: 0 });
    expect((await admin.query('select from semel.queue')).rowCount).toBe(0);
  });

  test('takes from a redrive the message that it found, which then keeps another', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await dead(bench, false, 'a');
    expect(await amidPrune(admin, () => redrive(bench.store))).toBe(true);
    expect(idsOf(await bench.lease('pay'))).toEqual(['a']);
  });

  test('takes from a publish the parked message that it found, which then is published all the same', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await bench.join('pay');
    await admin.query(`insert into semel.messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms, parked)
      values ('shop/orders', 'a', 'orders', 'orders', '', '{}', '{}', '', 0, true)`);
    await amidPrune(admin, () => bench.publish([messageOf('a')]));
    expect(idsOf(await bench.lease('pay'))).toEqual(['a']);
  });

  test('lets go of the key of a held dead letter although what stood behind it was just set aside', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await dead(bench, true, 'a', 'b');
    await admin.query("insert into semel.leases (subscription_id, until_ms, lease_ms, seqs, keys) select subscription_id, 0, 0, '{}', '{}' from semel.subscriptions"); // ran out, so that chores are done
    await using slow = await holding(admin, 'begin; select from semel.queue where lane = 0 for update');
    const leasing = bench.lease('pay');
    await untilWaiting(admin, 1);
    let pruned = false;
    const pruning = bench.store.prune({ deadLettersMs: EVERYTHING }).then((report) => {
      pruned = true;
      return report;
    });
    await vi.waitFor(async () => expect(pruned || (await waiting(admin)) === 2).toBe(true), { interval: 5 });
    await slow[Symbol.asyncDispose]();
    expect(await leasing).toEqual([]);
    expect(await pruning).toMatchObject({ deadLetters: 1 });
    expect(idsOf(await bench.lease('pay'))).toEqual(['b']);
  });
});
