import { expect, test } from 'vitest';
import { isSemelError } from '../../src/core/errors.ts';
import { attemptsOf, bury, failFor, idsOf, kindsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

const ordered = true;

describeWith('postgres', 'the rows of the queue', () => {
  test('behind a head that is held leave the lane that every lease walks, also those that come later, and come back in order', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    const scanned = async () => (await admin.query("select seq from semel.queue where lane = 0 and key = 'x'")).rowCount;
    const publishBehind = (...ids: string[]) => bench.publish([...ids.map((id) => messageOf(id, { key: 'x' })), messageOf(`beside ${ids}`, { key: `beside ${ids}` })]);
    await bench.join('pay', { ordered });
    await bench.publish([messageOf('x1', { key: 'x' })]);
    await bench.handle('pay', await bench.lease('pay'), { ordered, run: failFor('x1'), onFailure: bury({ holdKey: true }) });
    for (const ids of [['x2', 'x3'], ['x4']]) {
      await publishBehind(...ids);
      const beside = await bench.lease('pay');
      expect([idsOf(beside), await scanned()]).toEqual([[`beside ${ids}`], 0]);
      await bench.handle('pay', beside, { ordered });
    }
    const [letter] = await bench.deadLetters('pay', 1);
    await bench.store.deadLetters.redrive(letter?.id ?? -1);
    expect(idsOf(await bench.lease('pay'))).toEqual(['x1', 'x2', 'x3', 'x4']);
  });

  test('whose messages are gone are removed and told of, and the others of their lease are handed out', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    const troubles: unknown[] = [];
    bench.lifecycle.observe(({ type, error }) => void (type === 'trouble' && troubles.push(error)));
    await bench.join('billing');
    await bench.publish([messageOf('gone'), messageOf('there')]);
    await admin.query("delete from semel.messages where id = 'gone'");
    const deliveries = await bench.lease('billing');
    expect(idsOf(deliveries)).toEqual(['there']);
    expect(troubles.map((error) => isSemelError(error, 'store-corrupt'))).toEqual([true]);
    expect(kindsOf(await bench.handle('billing', deliveries))).toEqual(['done']);
    expect((await admin.query('select from semel.queue')).rowCount).toBe(0);
    expect((await admin.query('select from semel.leases')).rowCount).toBe(0);
  });

  test('count more attempts than 16 bits hold', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await bench.join('billing');
    await bench.publish([messageOf('tried')]);
    await admin.query('update semel.queue set lane = 2, attempts = 32767');
    const deliveries = await bench.lease('billing');
    expect(attemptsOf(deliveries)).toEqual([32_768]);
    expect(kindsOf(await bench.handle('billing', deliveries, { run: failFor('tried') }))).toEqual(['failed']);
  });

  test('trap 11: are leased under numbers that no seed of random() brings again', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await bench.join('billing');
    const client = await admin.connect();
    const draw = async () => {
      await client.query('begin; select setseed(0.5)');
      const { rows } = await client.query("insert into semel.leases (subscription_id, until_ms, lease_ms, seqs, keys) values (1, 0, 0, '{}', '{}') returning lease_id");
      await client.query('rollback');
      return rows[0]?.lease_id;
    };
    const drawn = [await draw(), await draw()];
    client.release();
    expect(new Set(drawn).size).toBe(2);
    expect(Math.max(...drawn.map(Number))).toBeLessThan(2 ** 53);
  });
});
