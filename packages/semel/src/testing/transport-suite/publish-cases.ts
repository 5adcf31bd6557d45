import assert from 'node:assert/strict';
import { encodeCloudEvent } from '../../core/cloudevents.ts';
import { decoded, idsOf } from './transport-bench.ts';
import type { TransportCase } from './transport-case.ts';

/** What goes in, and how it comes out. */
export const publishCases: readonly TransportCase[] = [
  {
    name: 'answers for each message, in order',
    run: async (bench) => {
      await bench.subscribe();
      const messages = Array.from({ length: 30 }, (_, index) => bench.message(`m${index}`, { key: `k${index % 3}` }));
      await bench.publish(messages);
    },
  },
  {
    name: 'answers a publish of nothing with nothing',
    run: async (bench) => {
      assert.deepEqual(await bench.publisher.publish([], { signal: new AbortController().signal }), []);
    },
  },
  {
    name: 'carries identity, key, type, time, headers and data as they are',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const data = { text: 'naïve ☃ \u2028 "quoted"', nested: [{ deep: [1, -0.5, null, true] }], empty: {} };
      const headers = { traceparent: '00-1', correlationid: 'c', sequence: '0000000000000007' };
      const sealed = bench.message('a/é', { key: 'k:1', type: 'order.placed', time: '2025-12-31T23:59:59.123Z', headers, data });
      await bench.publish([sealed]);
      const [delivery] = await bench.receive(feed, 1);
      assert.ok(delivery);
      assert.deepEqual(JSON.parse(JSON.stringify(decoded(delivery))), JSON.parse(JSON.stringify(sealed.message)));
      assert.equal(delivery.topic, bench.fixture.topic);
    },
  },
  {
    name: 'may carry a message twice that is published twice, under one identity',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const { dedupWindowMs } = bench.contract;
      await bench.publish([bench.message('a')]);
      await bench.publish([bench.message('a')]);
      const deliveries = await bench.receive(feed, dedupWindowMs.value === 0 ? 2 : 1);
      await bench.settle(feed, deliveries);
      assert.deepEqual([idsOf(deliveries), await bench.receiveSome(feed)], [dedupWindowMs.value === 0 ? ['a', 'a'] : ['a'], []]);
    },
  },
  {
    name: 'trap 36: passes bytes through as they are, for the engine to refuse',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const hostile = ['{', '', '\u0000', '{"specversion":"1.0"}', '[[[[', '{"__proto__":{"polluted":true}}'].map((text) => new TextEncoder().encode(text));
      hostile.push(Uint8Array.from([0xff, 0xfe, 0xc3, 0x28]));
      const carried: Uint8Array[] = [];
      for (const bytes of hostile) if ((await bench.fixture.inject(bytes)) !== false) carried.push(bytes);
      const deliveries = await bench.receive(feed, carried.length);
      const received = deliveries.map(({ content }) => ('bytes' in content ? Buffer.from(content.bytes).toString('hex') : 'decoded'));
      assert.deepEqual([...received].sort(), carried.map((bytes) => Buffer.from(bytes).toString('hex')).sort());
      await bench.settle(feed, deliveries, { kind: 'dead', reason: 'not-json' });
    },
  },
  {
    name: 'delivers a structured CloudEvent that another program has sent',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const sealed = bench.message('foreign', { key: 'k' });
      await bench.fixture.inject(new TextEncoder().encode(encodeCloudEvent(sealed)));
      const [delivery] = await bench.receive(feed, 1);
      assert.deepEqual(delivery && { ...decoded(delivery) }, sealed.message);
    },
  },
];
