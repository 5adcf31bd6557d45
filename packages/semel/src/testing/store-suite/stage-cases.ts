import assert from 'node:assert/strict';
import { isSemelError } from '../../core/errors.ts';
import { deliveryOf, idsOf, kindsOf, messageOf, receiptsOf } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');

/** Messages put into a transaction. */
export const stageCases: readonly StoreCase[] = [
  {
    name: 'gives a message to every local consumer and every route of its topic, and to no other',
    run: async (bench) => {
      await bench.join('pay');
      await bench.join('ship', { ordered: true });
      await bench.join('orders>kafka', { kind: 'route', ordered: true });
      await bench.join('far', { kind: 'remote' });
      await bench.join('mail', { topic: 'receipts' });
      await bench.publish([messageOf('a', { key: 'k' }), messageOf('b')]);
      const received = await Promise.all(['pay', 'ship', 'orders>kafka', 'far', 'mail'].map(async (name) => [...idsOf(await bench.lease(name))].sort()));
      assert.deepEqual(received, [['a', 'b'], ['a', 'b'], ['a', 'b'], [], []]);
    },
  },
  {
    name: 'hands out identity, key, type, time, headers, data and fingerprint as they were published',
    run: async (bench) => {
      await bench.join('pay', { ordered: true });
      const data = { text: 'naïve ☃ \u2028 "quoted"', nested: [{ deep: [1, -0.5, 1e21, null, true] }], empty: {} };
      const sealed = messageOf('a/é', { key: 'k:1', type: 'order.placed', time: '2025-12-31T23:59:59.123Z', headers: { traceparent: '00-1', correlationid: 'c' }, data });
      await bench.publish([sealed]);
      const [delivery] = await bench.lease('pay');
      assert.ok(delivery && 'message' in delivery.content);
      assert.deepEqual({ ...delivery.content.message }, sealed.message);
      assert.deepEqual([delivery.content.fingerprint, delivery.content.json], [sealed.fingerprint, sealed.json]);
      assert.deepEqual([delivery.topic, delivery.attempt, delivery.suspect ?? false], ['orders', 1, false]);
    },
  },
  {
    name: 'gives each delivery data of its own: what one consumer does to it reaches no other, and no later delivery',
    run: async (bench) => {
      const sealed = messageOf('lines', { data: { lines: ['x', 'y'] } });
      const published = JSON.parse(sealed.json);
      for (const name of ['pay', 'ship']) await bench.join(name);
      await bench.publish([sealed]);
      (sealed.message.data as { lines: string[] }).lines.push('z');
      const spoilt = await bench.lease('pay');
      for (const { content } of spoilt) if ('message' in content) (content.message.data as { lines: string[] }).lines.length = 0;
      await bench.queue.release('pay', receiptsOf(spoilt));
      for (const name of ['pay', 'ship']) {
        const [delivery] = await bench.lease(name);
        assert.ok(delivery && 'message' in delivery.content);
        assert.deepEqual(delivery.content.message.data, published);
      }
    },
  },
  {
    name: 'takes one identity staged twice for one message, in one transaction and in two',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a, messageOf('a')]);
      await bench.publish([a]);
      const deliveries = await bench.lease('pay');
      assert.deepEqual(idsOf(deliveries), ['a']);
      await bench.handle('pay', deliveries);
      await bench.publish([a]);
      assert.deepEqual(await bench.lease('pay'), []);
    },
  },
  {
    name: 'trap 15: refuses another payload under a published identity, with both fingerprints',
    run: async (bench) => {
      await bench.join('pay');
      const forged = messageOf('a', { data: 'forged' });
      await bench.publish([a]);
      const error = await bench.publish([messageOf('b'), forged]).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(isSemelError(error, 'identity-conflict'));
      assert.deepEqual([error.details.recorded, error.details.received], [a.fingerprint, forged.fingerprint]);
      await assert.rejects(bench.publish([messageOf('c'), messageOf('c', { data: 'forged' })]), { code: 'identity-conflict' });
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
    },
  },
  {
    name: 'trap 15: fails alone whose handler stages another payload under a published identity',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship', { topic: 'receipts' });
      await bench.publish([messageOf('r', { topic: 'receipts' })]);
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(messageOf('b'))], {
        run: async (scope, { message }) => {
          if (message?.id === 'a') await scope.stage(messageOf('r', { topic: 'receipts', data: 'forged' }));
        },
      });
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['failed', 'done'], ['pay/b']]);
      assert.ok(verdicts[0]?.kind === 'failed' && isSemelError(verdicts[0].error, 'identity-conflict'));
    },
  },
  {
    name: 'forgets an identity whose transaction was undone',
    run: async (bench) => {
      await bench.join('pay');
      const undone = bench.transact(async (scope) => {
        await scope.stage(messageOf('a', { data: 'undone' }));
        throw new TypeError('no');
      });
      await assert.rejects(undone, TypeError);
      await bench.publish([a]);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
    },
  },
  {
    name: 'traps 2 and 53: numbers the messages of a key for a route: the header `sequence` ascends, as text, and stays with a message',
    run: async (bench) => {
      const route = 'orders>kafka';
      await bench.join(route, { kind: 'route', ordered: true });
      for (let round = 0; round < 6; round++) await bench.publish([messageOf(`x${round}`, { key: 'x' }), messageOf(`y${round}`, { key: 'y' })]);
      const first = await bench.lease(route);
      const sequences = sequencesOf(first, 'x');
      assert.equal(sequences.length, 6);
      assert.deepEqual(sequences, [...new Set(sequences)].sort());
      await bench.queue.release(route, receiptsOf(first));
      assert.deepEqual(sequencesOf(await bench.lease(route), 'x'), sequences);
    },
  },
  {
    name: 'trap 9: hands a message out again, under the same identity, to a relay that died before it marked it',
    run: async (bench) => {
      await bench.join('orders>kafka', { kind: 'route', ordered: true });
      await bench.publish([messageOf('a', { key: 'k' })]);
      const [before] = await bench.lease('orders>kafka', 10, 1_000);
      await bench.runtime.advance(1_001);
      const [after] = await bench.lease('orders>kafka');
      assert.ok(before && after && 'message' in before.content && 'message' in after.content);
      assert.deepEqual({ ...after.content.message }, { ...before.content.message });
    },
  },
];

function sequencesOf(deliveries: Parameters<typeof idsOf>[0], key: string): readonly string[] {
  return deliveries.flatMap(({ content }) => ('message' in content && content.message.key === key ? [content.message.headers.sequence ?? ''] : []));
}
