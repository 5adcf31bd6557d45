import assert from 'node:assert/strict';
import type { Delivery } from '../../core/delivery.ts';
import { bury, deliveryOf, failFor, idsOf, kindsOf, messageOf, retryAfter, type StoreBench, step } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const m = [0, 1, 2, 3].map((offset) => messageOf(`m${offset}`, { key: `k${offset}` }));

/** How far each partition of a log was read. */
const cases: readonly StoreCase[] = [
  {
    name: 'advances the position with the effect, and reads on from it after a restart',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const [first] = await acquire(bench);
      assert.deepEqual([first?.partition, first?.position], ['p', undefined]);
      const epoch = first?.epoch ?? 0;
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 0, 1, 2))), ['done', 'done', 'done']);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 3))), ['done']);
      await bench.reopen();
      assert.equal((await acquire(bench))[0]?.position, '4');
      assert.deepEqual(await bench.effects(), ['pay/m0', 'pay/m1', 'pay/m2', 'pay/m3']);
    },
  },
  {
    name: 'keeps the positions of partitions and of consumers apart',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship', { kind: 'remote' });
      const [p, q] = await bench.positions.acquire('pay', ['p', 'q']);
      await bench.handle('pay', [...records(p?.epoch ?? 0, 0), deliveryOf(messageOf('other'), step('q', 5, q?.epoch ?? 0))]);
      const acquired = [...(await bench.positions.acquire('pay', ['p', 'q'])), ...(await acquire(bench, 'ship'))];
      assert.deepEqual(
        acquired.map(({ position }) => position),
        ['1', '6', undefined],
      );
    },
  },
  {
    name: 'trap 56: a zombie is told by its epoch: lost, and nothing of its work is kept',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const zombie = await epochOf(bench);
      const owner = await epochOf(bench);
      assert.ok(owner > zombie);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(zombie, 0))), ['lost']);
      assert.deepEqual([await bench.effects(), await bench.record('pay', messageOf('m0'))], [[], undefined]);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(owner, 0))), ['done']);
    },
  },
  {
    name: 'trap 56: what was passed already, or lies ahead, under the own epoch has moved: not lost, and not run',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const epoch = await epochOf(bench);
      await bench.handle('pay', records(epoch, 0, 1), { claims: false });
      assert.deepEqual(await bench.handle('pay', records(epoch, 0, 3), { claims: false }), [
        { kind: 'moved', position: '2' },
        { kind: 'moved', position: '2' },
      ]);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 1, 2, 3), { claims: false })), ['moved', 'done', 'done']);
      assert.deepEqual([await bench.effects(), (await acquire(bench))[0]?.position], [['pay/m0', 'pay/m1', 'pay/m2', 'pay/m3'], '4']);
    },
  },
  {
    name: 'a partition that was never acquired is lost',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      assert.deepEqual([kindsOf(await bench.handle('pay', records(1, 0))), await bench.effects()], [['lost'], []]);
    },
  },
  {
    name: 'advances over a record that a producer wrote twice, without running it',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const epoch = await epochOf(bench);
      const twice = [deliveryOf(messageOf('m0'), step('p', 0, epoch)), deliveryOf(messageOf('m0'), step('p', 1, epoch))];
      assert.deepEqual(kindsOf(await bench.handle('pay', twice)), ['done', 'duplicate']);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(messageOf('m0'), step('p', 2, epoch))])), ['duplicate']);
      assert.deepEqual([await bench.effects(), (await acquire(bench))[0]?.position], [['pay/m0'], '3']);
    },
  },
  {
    name: 'does not advance beyond a failure that stays in the log',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const epoch = await epochOf(bench);
      const verdicts = await bench.handle('pay', records(epoch, 0, 1, 2), { run: failFor('m1') });
      assert.deepEqual(kindsOf(verdicts).slice(0, 2), ['done', 'failed']);
      assert.ok(verdicts[2]?.kind === 'held' || verdicts[2]?.kind === 'released', `the third was ${verdicts[2]?.kind}`);
      assert.deepEqual([await bench.effects(), (await acquire(bench))[0]?.position], [['pay/m0'], '1']);
    },
  },
  {
    name: 'advances over a parked failure, which runs from the queue: there is no hole',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const epoch = await epochOf(bench);
      const onFailure = retryAfter(1_000, { park: true });
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 0, 1, 2), { run: failFor('m1'), onFailure })), ['done', 'failed', 'done']);
      assert.equal((await acquire(bench))[0]?.position, '3');
      await bench.runtime.advance(1_001);
      const again = await bench.lease('pay');
      assert.deepEqual([idsOf(again), kindsOf(await bench.handle('pay', again))], [['m1'], ['done']]);
      assert.deepEqual(await bench.effects(), ['pay/m0', 'pay/m1', 'pay/m2']);
    },
  },
  {
    name: 'advances over a dead message, which is in the dead letters',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const epoch = await epochOf(bench);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 0, 1), { run: failFor('m0'), onFailure: bury() })), ['failed', 'done']);
      await bench.deadLetters('pay', 1);
      assert.equal((await acquire(bench))[0]?.position, '2');
    },
  },
  {
    name: 'advances over a dead message that holds its key, and over what is parked behind it',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      const epoch = await epochOf(bench);
      const keyed = ['m0', 'm1'].map((id, offset) => deliveryOf(messageOf(id, { key: 'k' }), step('p', offset, epoch)));
      await bench.handle('pay', keyed.slice(0, 1), { ordered: true, run: failFor('m0'), onFailure: bury({ holdKey: true }) });
      assert.deepEqual(await bench.handle('pay', keyed.slice(1), { ordered: true }), [{ kind: 'held', parked: true }]);
      assert.deepEqual([(await acquire(bench))[0]?.position, await bench.effects()], ['2', []]);
    },
  },
  {
    name: 'gives what a spent budget left back to the log',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const epoch = await epochOf(bench);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 0, 1), { budgetMs: 0 })), ['done', 'released']);
      assert.deepEqual(kindsOf(await bench.handle('pay', records(epoch, 1))), ['done']);
    },
  },
  {
    name: 'trap 33: counts the owners that neither got on nor gave up, and forgets them once somebody gets on',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const crashes = async () => (await acquire(bench))[0]?.crashes;
      assert.deepEqual([await crashes(), await crashes(), await crashes()], [0, 1, 2]);
      await bench.reopen();
      const [owner] = await acquire(bench);
      assert.equal(owner?.crashes, 3);
      await bench.handle('pay', records(owner?.epoch ?? 0, 0));
      await bench.positions.release('pay', [{ partition: 'p', epoch: owner?.epoch ?? 0 }]);
      assert.equal(await crashes(), 0);
    },
  },
  {
    name: 'trap 11: a former owner releases nothing of its successor’s',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const former = await epochOf(bench);
      await acquire(bench);
      await bench.positions.release('pay', [{ partition: 'p', epoch: former }]);
      assert.equal((await acquire(bench))[0]?.crashes, 2);
    },
  },
  {
    name: 'hands positions over to a new name',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', records(await epochOf(bench), 0, 1));
      await bench.join('payments', { kind: 'remote', previousNames: ['pay'] });
      assert.equal((await acquire(bench, 'payments'))[0]?.position, '2');
    },
  },
];

/** The cases of stores that keep positions. */
export const positionCases: readonly StoreCase[] = cases.map((one) => ({ ...one, needs: ({ positions }) => positions }));

function acquire(bench: StoreBench, consumer = 'pay'): ReturnType<StoreBench['positions']['acquire']> {
  return bench.positions.acquire(consumer, ['p']);
}

async function epochOf(bench: StoreBench): Promise<number> {
  const [acquired] = await acquire(bench);
  assert.ok(acquired);
  return acquired.epoch;
}

function records(epoch: number, ...offsets: readonly number[]): readonly Delivery[] {
  return offsets.map((offset) => deliveryOf(m[offset] ?? messageOf(`m${offset}`), step('p', offset, epoch)));
}
