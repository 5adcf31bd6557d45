import { expect } from 'vitest';
import { CUSTOMER } from '../client.ts';
import { EVERYTHING, NOTHING } from '../client-bench.ts';
import type { ClientCase } from '../client-case.ts';
import { receipts, Shop, sale } from '../shop.ts';

/** Effect, record and message commit together, or none of them. */
export const togetherCases: readonly ClientCase[] = [
  {
    name: "a handler's effect, its record and its message commit together, once",
    async run(bench) {
      const shop = Shop.handling(bench.client.store, (context) => bench.sell(context), { group: false });
      expect(await shop.process('together')).toEqual(['done']);
      expect(await bench.trace('together')).toEqual(EVERYTHING);
      expect(await shop.process('together')).toEqual(['duplicate']);
      expect(await bench.trace('together')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'a handler that throws leaves nothing, and can be tried again',
    async run(bench) {
      let tries = 0;
      const shop = Shop.handling(bench.client.store, async (context) => {
        await bench.sell(context);
        tries += 1;
        if (tries === 1) throw new Error('after all its writes');
      });
      expect(await shop.process('thrown')).toEqual(['retry']);
      expect(await bench.trace('thrown')).toEqual(NOTHING);
      expect(await shop.process('thrown')).toEqual(['done']);
      expect(await bench.trace('thrown')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'semel.transaction commits both, or neither',
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      const place = (id: string, end: () => unknown) =>
        semel.transaction(async ({ tx, publish }) => {
          await client.insert(tx, sale(id));
          await publish(receipts, sale(id));
          return end();
        });
      expect(await place('placed', () => 'its result')).toBe('its result');
      expect(await trace('placed')).toEqual({ ...EVERYTHING, record: 0 });
      await expect(place('changed mind', () => Promise.reject(new Error('changed my mind')))).rejects.toThrow('changed my mind');
      expect(await trace('changed mind')).toEqual(NOTHING);
    },
  },
  {
    name: 'a handler reads what it wrote, and nobody else does before the commit',
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      await semel.transaction(async ({ tx }) => {
        await client.insert(tx, sale('read'));
        expect(await client.customerOf(tx, 'read')).toBe(CUSTOMER);
        expect(await client.customerOf(tx, 'absent')).toBeUndefined();
        expect(await trace('read')).toEqual(NOTHING);
      });
    },
  },
  {
    name: 'a group of 20 with one that fails: that one alone is undone',
    async run(bench) {
      const shop = Shop.handling(bench.client.store, async (context) => {
        await bench.sell(context);
        if (context.message.id === 'group 7') throw new Error('seven');
      });
      const ids = Array.from({ length: 20 }, (_, index) => `group ${index}`);
      expect(await shop.process(...ids)).toEqual(ids.map((_, index) => (index === 7 ? 'retry' : 'done')));
      for (const [index, id] of ids.entries()) expect(await bench.trace(id)).toEqual(index === 7 ? NOTHING : EVERYTHING);
    },
  },
  {
    name: 'a set handler writes for all of its messages in one transaction',
    async run({ client, trace }) {
      const shop = Shop.handlingSets(client.store, async ({ messages, tx, publish }) => {
        for (const { data } of messages) await client.insert(tx, data);
        for (const message of messages) await publish(receipts, message.data, undefined, message);
      });
      const ids = ['set 1', 'set 2', 'set 3'];
      expect(await shop.process(...ids)).toEqual(['done', 'done', 'done']);
      for (const id of ids) expect(await trace(id)).toEqual(EVERYTHING);
    },
  },
  {
    name: 'a concurrent group: its handlers run at once in one transaction',
    async run(bench) {
      const ids = ['at once 1', 'at once 2', 'at once 3', 'at once 4'];
      let begun = 0;
      const allBegun = Promise.withResolvers<void>();
      const shop = Shop.handling(
        bench.client.store,
        async (context) => {
          begun += 1;
          if (begun === ids.length) allBegun.resolve();
          await allBegun.promise;
          await bench.sell(context);
        },
        { group: 'concurrent' },
      );
      expect(await shop.process(...ids)).toEqual(ids.map(() => 'done'));
      for (const id of ids) expect(await bench.trace(id)).toEqual(EVERYTHING);
    },
  },
];
