import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { idsOf, kindsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

describeWith('postgres', 'a lease that runs out while its owner’s transaction is open', () => {
  test('traps 11, 51: is still its owner’s: nobody is handed its messages, and what the owner commits counts', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing');
    await bench.publish([messageOf('long')]);
    const deliveries = await bench.lease('billing', 1, 50);
    const meanwhile: string[] = [];
    const verdicts = await bench.handle('billing', deliveries, {
      run: async () => {
        await sleep(60);
        meanwhile.push(...idsOf(await bench.lease('billing')));
      },
    });
    expect(meanwhile).toEqual([]);
    expect(kindsOf(verdicts)).toEqual(['done']);
    expect(await bench.lease('billing')).toEqual([]);
  });

  test('trap 25: transactions that follow one another under one lease prolong it, though no heartbeat ever finds it unlocked', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing');
    await bench.publish(['a', 'b', 'c'].map((id) => messageOf(id)));
    const deliveries = await bench.lease('billing', 3, 500);
    const run = async () => {
      await sleep(350);
    };
    for (const delivery of deliveries.slice(0, 2)) expect(kindsOf(await bench.handle('billing', [delivery], { run }))).toEqual(['done']);
    expect(await bench.lease('billing')).toEqual([]);
    expect(kindsOf(await bench.handle('billing', deliveries.slice(2)))).toEqual(['done']);
  });
});
