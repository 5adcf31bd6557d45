import assert from 'node:assert/strict';
import { seededRandom } from '../seeded-random.ts';
import { bury, failFor, idsOf, kindsOf, messageOf, receiptsOf, retryAfter, type StoreBench } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const x1 = messageOf('x1', { key: 'x' });
const x2 = messageOf('x2', { key: 'x' });
const x3 = messageOf('x3', { key: 'x' });
const y1 = messageOf('y1', { key: 'y' });
const ordered = true;

/** The order of keys, through failures. */
export const orderCases: readonly StoreCase[] = [
  {
    name: 'trap 4: hands out whole runs of a key, in order, and nothing more of it while they are in flight',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2, y1]);
      const first = await bench.lease('pay');
      assert.deepEqual(ofKey(idsOf(first), 'x'), ['x1', 'x2']);
      await bench.publish([x3, messageOf('z1', { key: 'z' })]);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['z1']);
      await bench.handle('pay', first, { ordered });
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x3']);
    },
  },
  {
    name: 'trap 4: a lease of a part of a run keeps the rest of its key back',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2, x3]);
      const head = await bench.lease('pay', 1);
      assert.deepEqual([idsOf(head), await bench.lease('pay')], [['x1'], []]);
      await bench.handle('pay', head, { ordered });
      assert.deepEqual(idsOf(await bench.lease('pay', 1)), ['x2']);
    },
  },
  {
    name: 'a message that waits for its retry keeps its key back, and no other',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2, y1]);
      const deliveries = await bench.lease('pay');
      const verdicts = await bench.handle('pay', deliveries, { ordered, run: failFor('x1'), onFailure: retryAfter(1_000) });
      assert.deepEqual([...kindsOf(verdicts)].sort(), ['done', 'failed', 'held']);
      await bench.queue.release('pay', receiptsOf(deliveries));
      await bench.publish([x3]);
      assert.deepEqual([await bench.lease('pay'), await bench.effects()], [[], ['pay/y1']]);
      await bench.runtime.advance(1_001);
      const again = await bench.lease('pay');
      assert.deepEqual(idsOf(again), ['x1', 'x2', 'x3']);
      assert.deepEqual(
        again.map(({ attempt }) => attempt),
        [2, 1, 1],
      );
    },
  },
  {
    name: 'a suspect keeps its key back until it is settled',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2]);
      await bench.lease('pay', 10, 1_000);
      await bench.runtime.advance(1_001);
      const first = await bench.lease('pay');
      assert.deepEqual([idsOf(first), await bench.lease('pay')], [['x1'], []]);
      await bench.handle('pay', first, { ordered });
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x2']);
    },
  },
  {
    name: 'trap 11: once another worker has the head of a key, a zombie runs none of its followers',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2, x3]);
      const zombie = await bench.lease('pay', 10, 1_000);
      await bench.runtime.advance(1_001);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x1']);
      assert.deepEqual(kindsOf(await bench.handle('pay', zombie, { ordered })), ['lost', 'lost', 'lost']);
      assert.deepEqual([await bench.queue.extend('pay', receiptsOf(zombie), 1_000), await bench.effects()], [receiptsOf(zombie), []]);
    },
  },
  {
    name: 'hands out nothing of a key whose head is a suspect where suspects are not asked for',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2]);
      await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      await bench.publish([x3, y1]);
      assert.deepEqual(idsOf(await bench.lease('pay', 10, 60_000, false)), ['y1']);
      await bench.queue.release('pay', receiptsOf(await bench.lease('pay')));
      assert.deepEqual(await bench.lease('pay', 10, 60_000, false), []);
      const suspect = await bench.lease('pay');
      assert.deepEqual([idsOf(suspect), kindsOf(await bench.handle('pay', suspect, { ordered }))], [['x1'], ['done']]);
      assert.deepEqual(idsOf(await bench.lease('pay', 10, 60_000, false)), ['x2', 'x3']);
    },
  },
  {
    name: 'trap 51: a suspect goes alone, also behind a message of its key that is not suspect',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2]);
      await bench.handle('pay', await bench.lease('pay', 10, 1_000), { ordered, run: failFor('x1'), onFailure: retryAfter(1_500) });
      await bench.runtime.advance(2_000);
      const first = await bench.lease('pay');
      assert.deepEqual(idsOf(first), ['x1']);
      await bench.handle('pay', first, { ordered });
      assert.deepEqual(
        (await bench.lease('pay')).map(({ suspect }) => suspect),
        [true],
      );
    },
  },
  {
    name: 'trap 41: a dead message lets its key go on',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2]);
      const verdicts = await bench.handle('pay', await bench.lease('pay'), { ordered, run: failFor('x1'), onFailure: bury() });
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['failed', 'done'], ['pay/x2']]);
      assert.equal(await bench.queue.nextDueMs('pay'), undefined);
    },
  },
  {
    name: 'a dead message that holds its key is handled first once it is redriven',
    run: async (bench) => {
      await holdX1(bench);
      const [letter] = await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      const again = await bench.lease('pay');
      assert.deepEqual([idsOf(again), again[0]?.attempt, again[0]?.history ?? []], [['x1', 'x2', 'x3'], 1, []]);
      assert.deepEqual(kindsOf(await bench.handle('pay', again, { ordered })), ['done', 'done', 'done']);
    },
  },
  {
    name: 'a dead message that is to hold its key leaves the queue where it has none, and where no order is kept',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.join('ship');
      await bench.publish([messageOf('keyless')]);
      await bench.publish([x1]);
      for (const [consumer, count] of [
        ['pay', 1],
        ['ship', 2],
      ] as const) {
        await bench.handle(consumer, await bench.lease(consumer), { ordered, run: failFor('keyless', ...(consumer === 'ship' ? ['x1'] : [])), onFailure: bury({ holdKey: true }) });
        await bench.deadLetters(consumer, count);
      }
      const none = { ready: 0, inFlight: 0, retrying: 0, held: 0 };
      assert.deepEqual(
        (await bench.store.registry.list()).map(({ backlog }) => backlog),
        [none, none],
      );
    },
  },
  {
    name: 'trap 19: after a lost reply, a dead message that holds its key is lost, and goes on holding it',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      await bench.publish([x1, x2]);
      const deliveries = await bench.lease('pay', 1);
      const first = await bench.handle('pay', deliveries, { ordered, run: failFor('x1'), onFailure: bury({ holdKey: true }) });
      const again = await bench.handle('pay', deliveries, { ordered });
      assert.deepEqual([kindsOf(first), kindsOf(again), await bench.lease('pay'), await bench.effects()], [['failed'], ['lost'], [], []]);
      await bench.deadLetters('pay', 1);
    },
  },
  {
    name: 'a dead message that holds its key lets it go on once it is discarded',
    run: async (bench) => {
      await holdX1(bench);
      const [letter] = await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.discard(letter?.id ?? -1), true);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x2', 'x3']);
    },
  },
  {
    name: 'a retry keeps nothing back where no order is kept',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([x1, x2]);
      const verdicts = await bench.handle('pay', await bench.lease('pay'), { run: failFor('x1') });
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['failed', 'done'], ['pay/x2']]);
      await bench.publish([x3]);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x3']);
    },
  },
  {
    name: 'handles each message once and each key in order, through random failures, releases and crashes (seed 20260101)',
    run: async (bench) => {
      await bench.join('pay', { ordered });
      const random = seededRandom(20_260_101);
      const published = Array.from({ length: 60 }, (_, index) => messageOf(`m${String(index).padStart(2, '0')}`, { key: `k${index % 4}` }));
      await bench.publishEach(published.slice(0, 30));
      const done: string[] = [];
      for (let round = 0; done.length < 60 && round < 2_000; round++) {
        if (round === 20) await bench.publishEach(published.slice(30));
        await playRound(bench, random, done);
      }
      assert.equal(done.length, 60, 'not all were handled');
      assert.deepEqual(
        await bench.effects(),
        published.map(({ message }) => `pay/${message.id}`),
      );
      for (let key = 0; key < 4; key++) {
        const ofThisKey = done.filter((id) => Number(id.slice(1)) % 4 === key);
        assert.deepEqual(ofThisKey, [...ofThisKey].sort(), `key k${key}`);
      }
    },
  },
];

function ofKey(ids: readonly string[], key: string): readonly string[] {
  return ids.filter((id) => id.startsWith(key));
}

async function holdX1(bench: StoreBench): Promise<void> {
  await bench.join('pay', { ordered });
  await bench.publish([x1, x2, y1]);
  for (const onFailure of [retryAfter(1_000), bury({ holdKey: true })]) {
    const deliveries = await bench.lease('pay');
    await bench.handle('pay', deliveries, { ordered, run: failFor('x1'), onFailure });
    await bench.queue.release('pay', receiptsOf(deliveries));
    await bench.runtime.advance(1_001);
  }
  await bench.publish([x3]);
  await bench.runtime.advance(60_000);
  assert.deepEqual([await bench.lease('pay'), await bench.effects()], [[], ['pay/y1']]);
}

async function playRound(bench: StoreBench, random: () => number, done: string[]): Promise<void> {
  const deliveries = await bench.lease('pay', 1 + Math.floor(random() * 8), 1_000);
  await bench.runtime.advance(Math.floor(random() * 400));
  const chance = random();
  if (deliveries.length === 0 || chance < 0.1) return; // died with them in hand
  if (chance < 0.2) return bench.queue.release('pay', receiptsOf(deliveries));
  const failing = idsOf(deliveries).filter(() => random() < 0.2);
  const verdicts = await bench.handle('pay', deliveries, { ordered, run: failFor(...failing), onFailure: retryAfter(300) });
  done.push(...idsOf(deliveries).filter((_, index) => verdicts[index]?.kind === 'done'));
  await bench.queue.release('pay', receiptsOf(deliveries));
}
