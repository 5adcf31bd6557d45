import { expect, test } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { type CaseHandler, deliveryOf, kindsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { type PostgresBench, postgresBench } from './bench.ts';

type Tx = { query(sql: string): Promise<unknown> };

/** Handles messages from the queue as one group; `bad` does what it is told. */
async function handle({ bench }: PostgresBench, bad: (tx: Tx) => Promise<unknown>, ids = ['before', 'bad', 'after']): Promise<readonly string[]> {
  await bench.join('billing');
  await bench.publish(ids.map((id) => messageOf(id)));
  const store = await bench.another(systemRuntime); // whose pauses pass by themselves
  const run: CaseHandler = async ({ tx }, { message }) => {
    if (message?.id === 'bad') await bad(tx as Tx);
  };
  return kindsOf(await bench.handle('billing', await bench.lease('billing'), { store, run }));
}

const ONE_FAILED = ['done', 'failed', 'done'];
const THE_OTHERS = ['billing/after', 'billing/before'];

describeWith('postgres', 'trap 41: a poison message', () => {
  test.each(['28000', '3F000', '42501', '53400', '58P01', '40001', '40P01'])('whose handler is answered with %s fails alone', async (state) => {
    await using postgres = await postgresBench();
    expect(await handle(postgres, (tx) => tx.query(`do $$ begin raise exception 'refused' using errcode = '${state}'; end $$`))).toEqual(ONE_FAILED);
    expect((await postgres.bench.effects()).toSorted()).toEqual(THE_OTHERS);
  });

  test('whose handler gives up the role, with which Semel cannot end the transaction, fails alone', async () => {
    await using postgres = await postgresBench();
    expect(await handle(postgres, (tx) => tx.query('set local role pg_monitor'))).toEqual(ONE_FAILED);
    expect((await postgres.bench.effects()).toSorted()).toEqual(THE_OTHERS);
  });

  test('whose handler gives up the right to write holds up nobody: behind a savepoint it comes back', async () => {
    await using postgres = await postgresBench();
    expect(await handle(postgres, (tx) => tx.query('set transaction read only'), ['before', 'bad'])).toEqual(['done', 'done']);
  });

  test('trap 45: among handlers that run at once is told from the one that fails because of it', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing', { kind: 'remote' });
    const failed = Promise.withResolvers<void>();
    const neighbourFailed = Promise.withResolvers<void>();
    const run: CaseHandler = async ({ tx }, { message }) => {
      if (message?.id === 'bad') {
        const refused = (tx as Tx).query('select 1 / 0');
        refused.catch(failed.resolve);
        await refused.catch(() => neighbourFailed.promise);
        throw new Error('told late');
      }
      await failed.promise;
      await (tx as Tx).query('select 1').catch((error) => {
        neighbourFailed.resolve();
        throw error;
      });
    };
    const verdicts = await bench.handle(
      'billing',
      ['before', 'bad'].map((id) => deliveryOf(messageOf(id))),
      { run, concurrent: true },
    );
    expect(verdicts).toMatchObject([{ kind: 'done' }, { kind: 'failed', error: { message: 'told late' } }]);
  });
});
