import { expect } from 'vitest';
import { codeOf, EVERYTHING, NOTHING } from '../client-bench.ts';
import type { ClientCase } from '../client-case.ts';
import { Shop, sale } from '../shop.ts';

/** What a handler can do to a transaction that it shares, and what libraries do not say of it. */
export const harmCases: readonly ClientCase[] = [
  {
    name: 'trap 43: a handler that swallows a unique violation fails, and its neighbours are kept',
    async run(bench) {
      const { client, trace } = bench;
      const shop = Shop.handling(client.store, async (context) => {
        await bench.sell(context);
        if (context.message.id === 'swallows 2') await client.insert(context.tx, context.message.data).catch(() => {});
      });
      expect(await shop.process('swallows 1', 'swallows 2', 'swallows 3')).toEqual(['done', 'dead: transaction-ended', 'done']);
      expect(await trace('swallows 1')).toEqual(EVERYTHING);
      expect(await trace('swallows 2')).toEqual(NOTHING);
      expect(await trace('swallows 3')).toEqual(EVERYTHING);
    },
  },
  {
    name: 'trap 43: so does a message that has its transaction alone, and semel.transaction rejects',
    async run(bench) {
      const { client, trace } = bench;
      const twice = async (tx: unknown, id: string) => {
        await client.insert(tx, sale(id));
        await client.insert(tx, sale(id)).catch(() => {});
      };
      const shop = Shop.handling(client.store, ({ tx, message }) => twice(tx, message.id), { group: false });
      expect(await shop.process('swallows alone')).toEqual(['dead: transaction-ended']);
      expect(await trace('swallows alone')).toEqual(NOTHING);
      expect(await codeOf(shop.semel.transaction(({ tx }) => twice(tx, 'swallows inside')))).toBe('transaction-ended');
      expect(await trace('swallows inside')).toEqual(NOTHING);
    },
  },
  {
    name: 'trap 47: a deferred constraint fails at COMMIT: its message is found, its neighbours are kept',
    async run(bench) {
      const shop = Shop.handling(bench.client.store, bench.sell);
      const given = [sale('deferred 1'), sale('deferred 2'), sale('deferred 3', 'nobody'), sale('deferred 4'), sale('deferred 5')];
      expect(await shop.process(...given)).toEqual(['done', 'done', 'retry', 'done', 'done']);
      for (const { id, customer } of given) expect(await bench.trace(id)).toEqual(customer === 'nobody' ? NOTHING : EVERYTHING);
    },
  },
  {
    name: 'trap 48: tx is refused once its handler has settled, in the turn of the next one too',
    async run(bench) {
      const { client, trace } = bench;
      let first: unknown;
      const codes: unknown[] = [];
      const shop = Shop.handling(client.store, async (context) => {
        await bench.sell(context);
        if (first === undefined) first = context.tx;
        else codes.push(await codeOf(client.insert(first, sale('forgotten'))));
      });
      expect(await shop.process('settled 1', 'settled 2')).toEqual(['done', 'done']);
      codes.push(await codeOf(client.insert(first, sale('forgotten'))));
      expect(codes).toEqual(['transaction-over', 'transaction-over']);
      expect(await trace('forgotten')).toEqual(NOTHING);
    },
  },
  {
    name: 'trap 48: so is the tx of semel.transaction',
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      const kept = await semel.transaction(async ({ tx }) => ({ tx }));
      expect(await codeOf(client.insert(kept.tx, sale('kept')))).toBe('transaction-over');
      expect(await trace('kept')).toEqual(NOTHING);
    },
  },
  {
    name: 'BEGIN, COMMIT and ROLLBACK are refused, and do no harm',
    async run({ client, trace }) {
      const { semel } = Shop.handling(client.store, () => {});
      await semel.transaction(async ({ tx }) => {
        for (const sql of ['begin', 'COMMIT', 'rollback', '/* all */ commit', 'select 1; commit']) expect(await codeOf(client.run(tx, sql))).toBe('transaction-control');
        await client.insert(tx, sale('uncontrolled'));
        expect(await trace('uncontrolled')).toEqual(NOTHING);
      });
      expect(await trace('uncontrolled')).toEqual({ ...NOTHING, effect: 1 });
    },
  },
  {
    name: "the library's own nested transaction is undone alone",
    needs: ({ client }) => client.nested !== undefined,
    async run({ client, trace }) {
      const shop = Shop.handling(client.store, async ({ tx, message: { data } }) => {
        await client.insert(tx, data);
        const undone = client.nested?.(tx, async (inner) => {
          await client.insert(inner, sale(`inside ${data.id}`));
          await client.insert(inner, sale(data.id));
        });
        expect(await codeOf(undone as Promise<unknown>)).toBeInstanceOf(Error);
        await client.nested?.(tx, (inner) => client.insert(inner, sale(`beside ${data.id}`)));
      });
      expect(await shop.process('nested 1', 'nested 2')).toEqual(['done', 'done']);
      for (const id of ['nested 1', 'nested 2']) {
        expect(await trace(id)).toEqual({ ...EVERYTHING, message: 0 });
        expect(await trace(`inside ${id}`)).toEqual(NOTHING);
        expect(await trace(`beside ${id}`)).toEqual({ ...NOTHING, effect: 1 });
      }
    },
  },
  {
    name: 'trap 46: what SET LOCAL sets is gone with the transaction of its message',
    async run({ client, admin }) {
      await admin.query('create table tenants (sale text, tenant text)');
      const shop = Shop.handling(
        client.store,
        async ({ tx, message }) => {
          await client.run(tx, `insert into tenants values ('${message.id}', nullif(current_setting('app.tenant', true), ''))`);
          await client.run(tx, `set local app.tenant = 'acme'`);
        },
        { group: false },
      );
      expect(await shop.process('tenant 1', 'tenant 2', 'tenant 3')).toEqual(['done', 'done', 'done']);
      expect((await admin.query('select tenant from tenants')).rows).toEqual([{ tenant: null }, { tenant: null }, { tenant: null }]);
    },
  },
];
