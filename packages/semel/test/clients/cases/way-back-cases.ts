import { expect } from 'vitest';
import { codeOf, NOTHING, type Trace } from '../client-bench.ts';
import type { ClientCase } from '../client-case.ts';
import { receipts, Shop, sale } from '../shop.ts';

const PUBLISHED: Trace = { effect: 1, record: 0, message: 1 };

/** `semel.publish(topic, data, { tx })` in a transaction that the user opened with the library. */
export const wayBackCases: readonly ClientCase[] = [
  {
    name: "publish in the user's own transaction: its commit publishes, its rollback does not",
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      const place = (id: string, end: () => unknown) =>
        client.transaction(async (tx) => {
          await client.insert(tx, sale(id));
          await semel.publish(receipts, sale(id), { tx });
          expect(await trace(id)).toEqual(NOTHING);
          await end();
        });
      await semel.open();
      await place('own', () => {});
      expect(await trace('own')).toEqual(PUBLISHED);
      await expect(place('own undone', () => Promise.reject(new Error('undone')))).rejects.toThrow('undone');
      expect(await trace('own undone')).toEqual(NOTHING);
    },
  },
  {
    name: "a publish that is refused leaves the user's transaction as it was",
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      await semel.open();
      await client.transaction(async (tx) => {
        await semel.publish(receipts, sale('refused'), { tx });
        expect(await codeOf(semel.publish(receipts, { ...sale('refused'), customer: 'another' }, { tx }))).toBe('identity-conflict');
        await client.insert(tx, sale('refused'));
      });
      expect(await trace('refused')).toEqual(PUBLISHED);
    },
  },
  {
    name: 'publish in a transaction that is over is refused',
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      await semel.open();
      let kept: unknown;
      await client.transaction(async (tx) => {
        await client.insert(tx, sale('over'));
        kept = tx;
      });
      expect(await codeOf(semel.publish(receipts, sale('over'), { tx: kept }))).toBe('foreign-transaction');
      expect(await trace('over')).toEqual({ ...NOTHING, effect: 1 });
    },
  },
  {
    name: 'publish in what is no transaction at all is refused',
    async run({ client }) {
      const { semel } = Shop.handling(client.store, () => {});
      await semel.open();
      for (const tx of [{}, null, 'tx', new Date()]) expect(await codeOf(semel.publish(receipts, sale('no tx'), { tx }))).toBe('foreign-transaction');
    },
  },
  {
    name: 'publish in a transaction of another database is refused, and harms it not',
    async run(bench) {
      const { semel } = Shop.handling(bench.client.store, () => {});
      await semel.open();
      const other = await bench.elsewhere();
      await other.transaction(async (tx) => {
        await other.insert(tx, sale('elsewhere'));
        expect(await codeOf(semel.publish(receipts, sale('elsewhere'), { tx }))).toBe('foreign-transaction');
        expect(await other.customerOf(tx, 'elsewhere')).toBe(sale('elsewhere').customer);
      });
    },
  },
];
