import { setTimeout } from 'node:timers/promises';
import type { LifecycleType } from 'semel';
import type { PostgresOptions } from 'semel/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientBench, EVERYTHING, NOTHING } from '../clients/client-bench.ts';
import { type SaleContext, Shop } from '../clients/shop.ts';
import { describeWith } from '../services/describe-with.ts';

const LIMIT_MS = 300;

interface Limit {
  readonly limit: string;
  /** How it is set: by an option of the store, or by one of the connection's. */
  readonly options?: PostgresOptions;
  readonly setting?: string;
  /** What goes beyond it. */
  exceed(bench: ClientBench, context: SaleContext): unknown;
  readonly failure: object;
  /** Only a transaction of handlers can. */
  readonly handlersOnly?: true;
}

const LIMITS: readonly Limit[] = [
  {
    limit: 'lock_timeout',
    options: { lockTimeoutMs: LIMIT_MS },
    exceed: ({ client }, { tx }) => client.run(tx, 'update stock set pieces = pieces - 1 where id = 1'),
    failure: { code: '55P03', message: 'canceling statement due to lock timeout' },
  },
  {
    limit: 'statement_timeout',
    setting: `?statement_timeout=${LIMIT_MS}`,
    exceed: ({ client }, { tx }) => client.run(tx, 'select pg_sleep(30)'),
    failure: { code: '57014', message: 'canceling statement due to statement timeout' },
  },
  {
    limit: 'idle_in_transaction_session_timeout',
    options: { idleTimeoutMs: LIMIT_MS },
    exceed: () => setTimeout(3 * LIMIT_MS),
    failure: { code: 'handler-timeout', message: expect.stringContaining('idleTimeoutMs') },
    handlersOnly: true,
  },
];

describeWith('postgres', 'time limits of the server', () => {
  let bench: ClientBench;

  beforeAll(async () => {
    bench = await ClientBench.open(new URL('../clients/libraries/pg.ts', import.meta.url));
  });
  afterAll(() => bench?.close());

  /** Locks what the handlers of a test want, and gives what lets it go. */
  async function lockStock(): Promise<() => Promise<void>> {
    const rival = await bench.admin.connect();
    await rival.query('begin; select from stock where id = 1 for update');
    return async () => {
      await rival.query('rollback');
      rival.release();
    };
  }

  for (const { limit, options, setting = '', exceed, failure, handlersOnly } of LIMITS) {
    test(`${limit} ends a handler: nothing of it is there, its failure says so, its neighbours are kept, and a retry makes it`, async () => {
      const { store } = await bench.another(`${bench.url}${setting}`, options);
      const [before, id, after] = [`before ${limit}`, `beyond ${limit}`, `after ${limit}`] as const;
      let exceeds = true;
      const shop = Shop.handling(store, async (context) => {
        await bench.sell(context);
        if (exceeds && context.message.id === id) await exceed(bench, context);
      });
      const failures = errorsOf(shop, 'failed');
      const unlock = await lockStock();
      expect(await shop.process(before, id, after)).toEqual(['done', 'retry', 'done']);
      expect(failures).toMatchObject([failure]);
      expect(await bench.trace(id)).toEqual(NOTHING);
      await unlock();
      exceeds = false;
      expect(await shop.process(id)).toEqual(['done']);
      for (const each of [before, id, after]) expect(await bench.trace(each)).toEqual(EVERYTHING);
    });

    if (handlersOnly) continue;
    test(`${limit} ends a statement of Semel's own, for another has the message in hand: it is given back, and nobody is blamed`, async () => {
      const { store } = await bench.another(`${bench.url}${setting}`, { lockTimeoutMs: 0, ...options });
      const id = `wanted by two within ${limit}`;
      const holds = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const first = Shop.handling(
        bench.client.store,
        async (context) => {
          await bench.sell(context);
          holds.resolve();
          await mayEnd.promise;
        },
        { name: `both-${limit.replaceAll('_', '-')}` },
      );
      const second = Shop.handling(store, () => {}, { name: `both-${limit.replaceAll('_', '-')}` });
      const troubles = errorsOf(second, 'trouble');
      const firstly = first.process(id);
      await holds.promise;
      expect(await second.process(id)).toEqual(['released']);
      expect(troubles).toMatchObject([{ code: 'store-busy' }]);
      mayEnd.resolve();
      expect(await firstly).toEqual(['done']);
      expect(await second.process(id)).toEqual(['duplicate']);
      expect(await bench.trace(id)).toEqual(EVERYTHING);
    });
  }
});

/** The errors of its events of a type, from now on. */
function errorsOf({ semel }: Shop, type: LifecycleType): readonly unknown[] {
  const errors: unknown[] = [];
  semel.observe((event) => void (event.type === type && errors.push(event.error)));
  return errors;
}
