import { expect, vi } from 'vitest';
import { type ClientBench, EVERYTHING, NOTHING } from '../client-bench.ts';
import type { ClientCase } from '../client-case.ts';
import { receipts, Shop, sale } from '../shop.ts';

/** What the server does to a transaction: it is run again, or nothing of it is kept. */
export const conflictCases: readonly ClientCase[] = [
  {
    name: 'a handler that could not be serialized is run again, and blamed for nothing',
    async run(bench) {
      const { store, insert, run } = await bench.another(bench.url, { isolation: 'repeatable read' });
      let runs = 0;
      const shop = Shop.handling(store, async ({ tx, message, publish }) => {
        runs += 1;
        await insert(tx, message.data);
        await publish(receipts, message.data);
        if (runs === 1) await bench.admin.query('update stock set pieces = pieces - 1 where id = 1');
        await run(tx, 'update stock set pieces = pieces - 1 where id = 1');
      });
      const before = await piecesOf(bench, 1);
      expect(await shop.process('serialized')).toEqual(['done']);
      expect(runs).toBe(2);
      expect(await piecesOf(bench, 1)).toBe(before - 2);
      expect(await bench.trace('serialized')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'a handler that was ended to break a deadlock is run again, even if it swallowed the error',
    async run(bench) {
      let runs = 0;
      let rival: { readonly end: Promise<void> } | undefined;
      const take = (tx: unknown, id: number) => bench.client.run(tx, `update stock set pieces = pieces - 1 where id = ${id}`);
      const shop = Shop.handling(bench.client.store, async (context) => {
        runs += 1;
        await bench.sell(context);
        await take(context.tx, 1);
        if (runs === 1) rival = await takeInOtherOrder(bench);
        await take(context.tx, 2).catch(() => {});
      });
      const before = await piecesOf(bench, 2);
      expect(await shop.process('deadlocked')).toEqual(['done']);
      await rival?.end;
      expect(runs).toBe(2);
      expect(await piecesOf(bench, 2)).toBe(before - 2);
      expect(await bench.trace('deadlocked')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'trap 20: a connection that is ended in the middle of a handler leaves nothing, whatever the handler does next',
    async run(bench) {
      const { client, trace } = bench;
      let runs = 0;
      const shop = Shop.handling(client.store, async (context) => {
        runs += 1;
        await bench.sell(context);
        if (runs > 1) return;
        await bench.admin.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`);
        for (let write = 0; write < 3; write++) await client.insert(context.tx, sale(`after the end ${write}`)).catch(() => {});
      });
      expect(await shop.process('ended')).toEqual(['released']);
      expect(await trace('ended')).toEqual(NOTHING);
      for (let write = 0; write < 3; write++) expect(await trace(`after the end ${write}`)).toEqual(NOTHING);
      expect(await shop.process('ended')).toEqual(['done']);
      expect(await trace('ended')).toEqual(EVERYTHING);
    },
  },
];

async function piecesOf({ admin }: ClientBench, id: number): Promise<number> {
  return (await admin.query('select pieces from stock where id = $1', [id])).rows[0].pieces;
}

/** Holds piece 2 and waits for piece 1, which the handler holds; it is not the one that looks for deadlocks. Resolves once it waits, to its end. */
async function takeInOtherOrder({ admin }: ClientBench): Promise<{ readonly end: Promise<void> }> {
  const client = await admin.connect();
  await client.query(`begin; set local deadlock_timeout = '1min'; update stock set pieces = pieces - 1 where id = 2`);
  const end = client.query('update stock set pieces = pieces - 1 where id = 1; commit').then(() => client.release());
  const isWaiting = `select from pg_stat_activity where pid = ${(client as unknown as { processID: number }).processID} and wait_event_type = 'Lock'`;
  await vi.waitFor(async () => expect((await admin.query(isWaiting)).rowCount).toBe(1), { timeout: 10_000, interval: 5 });
  return { end };
}
