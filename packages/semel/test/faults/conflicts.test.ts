import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientBench } from '../clients/client-bench.ts';
import { Shop } from '../clients/shop.ts';
import { describeWith } from '../services/describe-with.ts';

const WORKERS = 4;
const MESSAGES_EACH = 12;

describeWith('postgres', 'handlers that are in one another’s way', () => {
  let bench: ClientBench;

  beforeAll(async () => {
    bench = await ClientBench.open(new URL('../clients/libraries/pg.ts', import.meta.url));
  });
  afterAll(() => bench?.close());

  /** Has each worker bring messages of its own, again until they are done. @returns how often handlers ran */
  async function workAtOnce(isolation: 'read committed' | 'repeatable read' | 'serializable', take: (tx: unknown, worker: number) => Promise<unknown>): Promise<number> {
    const { store } = await bench.another(bench.url, { isolation });
    let runs = 0;
    const work = async (worker: number) => {
      const shop = Shop.handling(store, async (context) => {
        runs += 1;
        await bench.sell(context);
        await take(context.tx, worker);
      });
      for (let n = 0; n < MESSAGES_EACH; n++) {
        const id = `${isolation} ${worker} ${n}`;
        while ((await shop.process(id))[0] !== 'done') expect((await bench.trace(id)).effect).toBe(0);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
    return runs;
  }

  const countOf = async (isolation: string) => {
    const like = `${isolation} %`;
    const sql = `select (select count(*)::int from sales where id like $1) as effects, (select count(*)::int from semel.inbox where id like $1 and state = 'done') as records,
      (select count(*)::int from semel.messages where id like 'receipt of ' || $1) as messages`;
    return (await bench.admin.query(sql, [like])).rows[0];
  };
  const piecesTaken = async () => {
    const { rows } = await bench.admin.query('select 100 - pieces as taken from stock order by id');
    await bench.admin.query('update stock set pieces = 100');
    return rows.map(({ taken }) => taken);
  };
  const all = WORKERS * MESSAGES_EACH;
  const everything = { effects: all, records: all, messages: all };

  test('that take two locks in either order end in deadlocks: they are run again, and each has its effect once', async () => {
    const take = async (tx: unknown, worker: number) => {
      for (const id of worker % 2 === 0 ? [1, 2] : [2, 1]) await bench.client.run(tx, `update stock set pieces = pieces - 1 where id = ${id}`);
    };
    expect(await workAtOnce('read committed', take)).toBeGreaterThan(all);
    expect(await piecesTaken()).toEqual([all, all]);
    expect(await countOf('read committed')).toEqual(everything);
  });

  for (const isolation of ['repeatable read', 'serializable'] as const) {
    test(`trap 10: that read and then write cannot be serialized (${isolation}): they are run again, no update is lost, and each has its effect once`, async () => {
      const take = async (tx: unknown) => {
        const { rows } = (await bench.client.run(tx, 'select pieces from stock where id = 1')) as { readonly rows: readonly { readonly pieces: number }[] };
        await bench.client.run(tx, `update stock set pieces = ${rows[0]!.pieces - 1} where id = 1`);
      };
      expect(await workAtOnce(isolation, take)).toBeGreaterThan(all);
      expect(await piecesTaken()).toEqual([all, 0]);
      expect(await countOf(isolation)).toEqual(everything);
    });
  }
});
