import assert from 'node:assert/strict';
import type { Archive, ArchivedMessage } from '../../core/archive.ts';
import { bury, deliveryOf, failFor, idsOf, kindsOf, messageOf, receiptsOf } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');
const b = messageOf('b');
const HOUR_MS = 3_600_000;
const retention = { inboxMs: HOUR_MS, messagesMs: HOUR_MS };

/** What is removed in time, and what must stay. */
export const pruneCases: readonly StoreCase[] = [
  {
    name: 'removes records that are older than the window, and keeps the younger',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(a)]);
      await bench.runtime.advance(HOUR_MS);
      await bench.handle('pay', [deliveryOf(b)]);
      assert.deepEqual({ ...(await bench.store.prune(retention)) }, { inbox: 0, messages: 0, deadLetters: 0 });
      await bench.runtime.advance(1_000);
      assert.equal((await bench.store.prune(retention)).inbox, 1);
      assert.deepEqual([await bench.record('pay', a), (await bench.record('pay', b))?.state], [undefined, 'done']);
    },
  },
  {
    name: 'keeps a message until every consumer is done with it, and then for its retention',
    run: async (bench) => {
      await bench.join('pay');
      await bench.join('ship');
      await bench.publish([a]);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.runtime.advance(HOUR_MS * 2);
      assert.equal((await bench.store.prune(retention)).messages, 0);
      await bench.publish([b]);
      const deliveries = await bench.lease('ship');
      assert.deepEqual([...idsOf(deliveries)].sort(), ['a', 'b']);
      await bench.handle('ship', deliveries);
      assert.equal((await bench.store.prune(retention)).messages, 1);
      await bench.join('late', { from: 'beginning' });
      assert.deepEqual(idsOf(await bench.lease('late')), ['b']);
    },
  },
  {
    name: 'recognises a second publish of one id for as long as the message is kept',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.runtime.advance(HOUR_MS / 2);
      await bench.store.prune(retention);
      await bench.publish([a]);
      assert.deepEqual(await bench.lease('pay'), []);
    },
  },
  {
    name: 'keeps messages that are delayed, in flight, retrying or parked, however old',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship');
      const onFailure = bench.options({}).onFailure;
      await bench.handle('pay', [deliveryOf(messageOf('parked'))], {
        run: failFor('parked'),
        onFailure: (item, error) => {
          const settlement = onFailure(item, error);
          return settlement?.kind === 'retry' ? { ...settlement, afterMs: HOUR_MS * 3, park: true } : settlement;
        },
      });
      await bench.publish([messageOf('delayed')], { notBeforeMs: bench.runtime.clock.now() + HOUR_MS * 3 });
      await bench.publish([messageOf('flying')]);
      const flying = await bench.lease('ship', 1, HOUR_MS * 3);
      await bench.runtime.advance(HOUR_MS * 2);
      assert.equal((await bench.store.prune(retention)).messages, 0);
      await bench.queue.release('ship', receiptsOf(flying));
      await bench.runtime.advance(HOUR_MS * 2);
      assert.deepEqual([idsOf(await bench.lease('pay')), [...idsOf(await bench.lease('ship'))].sort()], [['parked'], ['delayed', 'flying']]);
    },
  },
  {
    name: 'keeps dead letters unless it is told for how long',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('a'), onFailure: bury() });
      await bench.runtime.advance(HOUR_MS * 2);
      assert.equal((await bench.store.prune(retention)).deadLetters, 0);
      await bench.deadLetters('pay', 1);
      assert.equal((await bench.store.prune({ ...retention, deadLettersMs: HOUR_MS * 3 })).deadLetters, 0);
      assert.equal((await bench.store.prune({ ...retention, deadLettersMs: HOUR_MS })).deadLetters, 1);
      await bench.deadLetters('pay', 0);
    },
  },
  {
    name: 'trap 49: keeps the record and the payload of a dead letter for as long as the dead letter',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(a)], { run: failFor('a'), onFailure: bury() });
      await bench.runtime.advance(HOUR_MS * 2);
      await bench.store.prune(retention);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)])), ['buried']);
      const [letter] = await bench.deadLetters('pay', 1);
      assert.deepEqual(letter?.message && { ...letter.message }, a.message);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
    },
  },
  {
    name: 'gives messages to the archive before it removes them, and no others',
    run: async (bench) => {
      await bench.join('pay');
      const full = messageOf('full', { key: 'k', headers: { tenant: 'eu' }, data: { text: 'ä "\\ \n', list: [1, null] } });
      const publishedAtMs = bench.runtime.clock.now();
      await bench.publishEach([full, a]);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.publish([b]);
      await bench.runtime.advance(HOUR_MS * 2);
      const seen: ArchivedMessage[] = [];
      const archive: Archive = async (messages) => {
        seen.push(...messages);
      };
      assert.equal((await bench.store.prune(retention, { archive })).messages, 2);
      assert.deepEqual(
        JSON.parse(JSON.stringify(seen)),
        [full, a].map(({ message, fingerprint }) => ({ message: { ...message }, fingerprint, publishedAtMs })),
      );
      assert.equal((await bench.store.prune(retention, { archive })).messages, 0);
      assert.equal(seen.length, 2);
    },
  },
  {
    name: 'removes no message that the archive did not take',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.runtime.advance(HOUR_MS * 2);
      const archive = async () => {
        throw new Error('no space');
      };
      await assert.rejects(() => bench.store.prune(retention, { archive }), { code: 'archive-failed' });
      await bench.join('late', { from: 'beginning' });
      assert.deepEqual(idsOf(await bench.lease('late')), ['a']);
    },
  },
  {
    name: 'keeps a message that somebody needs again once it is in the archive',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.runtime.advance(HOUR_MS * 2);
      const archive = () => bench.join('late', { from: 'beginning' });
      assert.equal((await bench.store.prune(retention, { archive })).messages, 0);
      const deliveries = await bench.lease('late');
      assert.deepEqual(idsOf(deliveries), ['a']);
      await bench.handle('late', deliveries);
      assert.equal((await bench.store.prune(retention)).messages, 1);
    },
  },
];
