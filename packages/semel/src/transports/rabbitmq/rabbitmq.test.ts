import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { encodeCloudEvent } from '../../core/cloudevents.ts';
import { seal } from '../../core/seal.ts';
import type { Feed, SubscribeOptions, Transport } from '../../core/transport.ts';
import { manualRuntime } from '../../testing/manual-runtime.ts';
import { subscribeOptions } from '../../testing/subscribe-options.ts';
import { idsOf } from '../../testing/transport-suite/transport-bench.ts';
import { PlayedRabbitmq } from './played-rabbitmq-fixture.ts';
import { type RabbitmqOptions, rabbitmq } from './rabbitmq.ts';

const runtime = manualRuntime();
const SUBSCRIBE = subscribeOptions({ runtime });

const sealedOf = (id: string, given: { readonly type?: string; readonly data?: unknown; readonly key?: string } = {}) =>
  seal({ topic: 'orders', source: 'shop/orders', id, type: 'orders', time: '2026-01-01T00:00:00.000Z', data: { id }, headers: {}, ...given });
const textOf = (id: string) => encodeCloudEvent(sealedOf(id));

function playedBroker(options: RabbitmqOptions = {}): { readonly broker: PlayedRabbitmq; readonly transport: Transport } {
  const broker = new PlayedRabbitmq();
  return { broker, transport: rabbitmq(broker.connect, options) };
}

/** Publishes these, lets them reach the broker, and has it answer. */
async function publishing(
  ids: readonly string[],
  answer: (broker: PlayedRabbitmq, abort: () => void) => void,
): Promise<{ readonly kinds: readonly string[]; readonly broker: PlayedRabbitmq }> {
  const { broker, transport } = playedBroker();
  const stop = new AbortController();
  const results = transport.publisher?.publish(
    ids.map((id) => sealedOf(id)),
    { signal: stop.signal },
  );
  await setImmediate();
  answer(broker, () => stop.abort());
  const kinds = ((await results) ?? []).map((result) => (result.kind === 'failed' ? `failed, ${result.retryable ? 'again' : 'for good'}` : result.kind));
  return { kinds, broker };
}

async function consuming(options: RabbitmqOptions = {}, given: Partial<SubscribeOptions> = {}): Promise<{ readonly broker: PlayedRabbitmq; readonly feed: Feed }> {
  const { broker, transport } = playedBroker(options);
  return { broker, feed: (await transport.subscriber?.subscribe('orders', { ...SUBSCRIBE, ...given })) as Feed };
}

const receive = (feed: Feed, max = 10) => feed.receive({ max, signal: AbortSignal.timeout(50) });

describe('publishing', () => {
  test('trap 30: what no queue takes is returned, then confirmed, and has failed; its neighbours have not', async () => {
    const { kinds, broker } = await publishing(['a', 'b', 'c'], ({ channel }) => {
      channel.sent[0]?.confirmed(null);
      if (channel.sent[1]?.options['mandatory']) channel.return(channel.sent[1]);
      else channel.sent[1]?.confirmed(null);
      channel.sent[2]?.confirmed(null);
    });
    expect(kinds).toEqual(['accepted', 'failed, again', 'accepted']);
    expect(broker.channel.sent.map(({ options }) => [options['mandatory'], options['persistent'], options['messageId']])).toEqual([
      [true, true, 'a'],
      [true, true, 'b'],
      [true, true, 'c'],
    ]);
  });

  test('trap 30: one that is returned is not taken for another of the same id and content that has another way to go', async () => {
    const broker = new PlayedRabbitmq();
    const { publisher } = rabbitmq(broker.connect, { format: 'binary' });
    const results = publisher?.publish([sealedOf('a', { type: 'placed' }), sealedOf('a', { type: 'audited' })], { signal: new AbortController().signal });
    await setImmediate();
    broker.channel.return(broker.channel.sent[1] as never);
    broker.channel.sent[0]?.confirmed(null);
    broker.channel.sent[1]?.confirmed(null);
    expect((await results)?.map(({ kind }) => kind)).toEqual(['accepted', 'failed']);
  });

  test('a message that is larger than all else that is sent at once goes by itself', async () => {
    const { broker, transport } = playedBroker();
    const sealed = ['x'.repeat(5 << 20), 'small'].map((data, index) => sealedOf(`${index}`, { data, key: 'k' }));
    const results = transport.publisher?.publish(sealed, { signal: new AbortController().signal });
    for (const each of [0, 1]) {
      await setImmediate();
      broker.channel.sent[each]?.confirmed(null);
    }
    expect((await results)?.map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
  });

  test('of two that are alike, one that is returned fails alone', async () => {
    const { kinds } = await publishing(['a', 'a'], ({ channel }) => {
      channel.return(channel.sent[0] as never);
      channel.sent[1]?.confirmed(null);
    });
    expect(kinds).toEqual(['failed, again', 'accepted']);
  });

  test('trap 9: what was not confirmed when the channel ended, or time was over, is unknown; what the broker refused has failed', async () => {
    const ended = await publishing(['a', 'b', 'c'], ({ channel }) => {
      channel.sent[0]?.confirmed(null);
      channel.sent[1]?.confirmed(new Error('message nacked'));
      channel.end();
    });
    expect(ended.kinds).toEqual(['accepted', 'failed, again', 'unknown']);
    const late = await publishing(['a', 'b'], ({ channel }, abort) => {
      channel.sent[0]?.confirmed(null);
      setTimeout(abort, 5);
    });
    expect(late.kinds).toEqual(['accepted', 'unknown']);
  });

  test('of a key the next is sent once the one before is confirmed, and nothing behind one that was refused; others wait for neither', async () => {
    const { broker, transport } = playedBroker();
    const sealed = ['a1', 'a2', 'b1', 'b2', 'c'].map((id) => sealedOf(id, id === 'c' ? {} : { key: id[0] as string }));
    const results = transport.publisher?.publish(sealed, { signal: new AbortController().signal });
    const sent = async () => {
      await setImmediate();
      return broker.channel.sent.map(({ options }) => options['messageId']);
    };
    expect(await sent()).toEqual(['a1', 'b1', 'c']);
    for (const each of broker.channel.sent) each.confirmed(each.options['messageId'] === 'b1' ? new Error('message nacked') : null);
    expect(await sent()).toEqual(['a1', 'b1', 'c', 'a2']);
    broker.channel.sent[3]?.confirmed(null);
    expect((await results)?.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'failed', 'failed', 'accepted']);
  });

  test('after the channel ended the next publish opens another, and asks for its exchange again', async () => {
    const { broker, transport } = playedBroker();
    const publish = async () => {
      const results = transport.publisher?.publish([sealedOf('a')], { signal: new AbortController().signal });
      await setImmediate();
      broker.channel.sent[0]?.confirmed(null);
      return results;
    };
    await publish();
    broker.channel.end();
    expect(await publish()).toEqual([{ kind: 'accepted' }]);
    expect(broker.channels.map(({ asked }) => asked)).toEqual([
      ['assert exchange orders topic', 'publish'],
      ['assert exchange orders topic', 'publish'],
    ]);
    expect(broker.connections).toHaveLength(1);
  });

  test('a blocked connection is sent nothing: the publish is refused until it is unblocked', async () => {
    const { broker, transport } = playedBroker();
    const publish = (signal = AbortSignal.timeout(20)) => transport.publisher?.publish([sealedOf('a')], { signal });
    await publish();
    broker.connections[0]?.emit('blocked', 'low on memory');
    await expect(publish()).rejects.toMatchObject({ code: 'transport-unavailable', message: expect.stringContaining('low on memory') });
    expect(broker.channel.sent).toHaveLength(1);
    broker.connections[0]?.emit('unblocked');
    await publish();
    expect(broker.channel.sent).toHaveLength(2);
  });

  test('what the broker would close the channel for is refused with its size, and not sent', async () => {
    const { broker, transport } = playedBroker({ maxMessageBytes: 1_000 });
    const messages = [sealedOf('large', { data: 'x'.repeat(1_000) }), sealedOf('long', { type: 't'.repeat(256) })];
    const results = await transport.publisher?.publish(messages, { signal: new AbortController().signal });
    expect(results).toMatchObject([
      { kind: 'failed', retryable: false, error: { code: 'too-large', details: { maxBytes: 1_000 } } },
      { kind: 'failed', retryable: false, error: { code: 'too-large', details: { maxBytes: 255 } } },
    ]);
    expect(broker.channel.sent).toEqual([]);
  });

  test('nothing is sent once its time is over', async () => {
    const { broker, transport } = playedBroker();
    expect(await transport.publisher?.publish([sealedOf('a')], { signal: AbortSignal.abort() })).toMatchObject([{ kind: 'failed', retryable: true }]);
    expect(broker.channel.sent).toEqual([]);
  });
});

describe('consuming', () => {
  test('trap 24: nothing is acknowledged before it is settled, and then each by itself, once', async () => {
    const { broker, feed } = await consuming();
    for (const id of ['a', 'b', 'c']) broker.channel.deliver(textOf(id));
    const deliveries = await receive(feed);
    expect([idsOf(deliveries), broker.channel.acked]).toEqual([['a', 'b', 'c'], []]);
    const [a, b, c] = deliveries as readonly [(typeof deliveries)[0], (typeof deliveries)[0], (typeof deliveries)[0]];
    await feed.settle([{ delivery: b as never, outcome: { kind: 'done' } }]);
    await feed.settle([
      { delivery: b as never, outcome: { kind: 'done' } },
      { delivery: a as never, outcome: { kind: 'dead', reason: 'not-json' } },
      { delivery: c as never, outcome: { kind: 'released' } },
    ]);
    expect([broker.channel.acked, broker.channel.rejected]).toEqual([[2, 1], []]);
  });

  test('what is to come again comes from here, before what follows it, and never goes back to the queue', async () => {
    const { broker, feed } = await consuming();
    for (const id of ['a', 'b', 'c', 'd']) broker.channel.deliver(textOf(id));
    const [first, second] = await receive(feed, 2);
    await feed.settle([
      { delivery: second as never, outcome: { kind: 'released' } },
      { delivery: first as never, outcome: { kind: 'released' } },
    ]);
    expect(idsOf(await receive(feed))).toEqual(['a', 'b', 'c', 'd']);
    expect([broker.channel.acked, broker.channel.rejected]).toEqual([[], []]);
  });

  test('where the order is kept, nothing overtakes what has to wait a while', async () => {
    const { broker, feed } = await consuming({ singleActive: true });
    for (const id of ['a', 'b', 'c']) broker.channel.deliver(textOf(id));
    const [first, second] = await receive(feed, 2);
    await feed.settle([
      { delivery: first as never, outcome: { kind: 'released' } },
      { delivery: second as never, outcome: { kind: 'held' } },
    ]);
    expect(await receive(feed)).toEqual([]);
    const waiting = feed.receive({ max: 10, signal: AbortSignal.timeout(1_000) });
    await runtime.advance(100);
    expect(idsOf(await waiting)).toEqual(['a', 'b', 'c']);
  });

  test('trap 33: what was returned to the queue is a suspect, and the rest is not', async () => {
    const { broker, feed } = await consuming();
    broker.channel.deliver(textOf('a'), { redelivered: true });
    broker.channel.deliver(textOf('b'));
    expect((await receive(feed)).map(({ suspect, attempt }) => [suspect, attempt])).toEqual([
      [true, 1],
      [undefined, 1],
    ]);
  });

  test('the end of a channel loses what is in hand, is told, and the next receive goes on with another; what is settled then is no error', async () => {
    const { broker, feed } = await consuming();
    broker.channel.deliver(textOf('a'));
    const stale = await receive(feed);
    const waiting = receive(feed);
    await setImmediate();
    broker.channel.emit('error', new Error('PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out'));
    broker.channel.end();
    await expect(waiting).rejects.toMatchObject({ code: 'transport-unavailable', cause: { message: expect.stringContaining('timed out') } });
    expect(await feed.extend(stale)).toEqual(stale);
    const again = receive(feed);
    await setImmediate();
    broker.channel.deliver(textOf('a'), { redelivered: true });
    expect(idsOf(await again)).toEqual(['a']);
    await feed.settle([{ delivery: stale[0] as never, outcome: { kind: 'done' } }]);
    expect(broker.channels.map(({ acked }) => acked)).toEqual([[], []]);
  });

  test('the end of a queue is told too, and it is made again', async () => {
    const { broker, feed } = await consuming();
    const waiting = receive(feed);
    await setImmediate();
    broker.channel.onMessage(null);
    await expect(waiting).rejects.toMatchObject({ cause: { message: 'queue shop.pay was deleted' } });
    await receive(feed);
    expect(broker.channel.asked).toEqual(['assert exchange orders topic', 'assert queue shop.pay', 'bind shop.pay to orders by #', 'consume shop.pay']);
  });

  test('a queue is of the quorum type, with no limit that takes messages away, and a bound on what is sent ahead', async () => {
    const { broker } = await consuming({ singleActive: true, prefetch: 7 });
    expect(broker.channel.queueArguments.get('shop.pay')).toEqual({ 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000, 'x-single-active-consumer': true });
    expect(broker.channel.prefetched).toBe(7);
  });

  test('a dead message is rejected where its queue is to dead-letter it', async () => {
    const { broker, feed } = await consuming({ deadLetters: 'broker' });
    broker.channel.deliver('{');
    const [delivery] = await receive(feed);
    await feed.settle([{ delivery: delivery as never, outcome: { kind: 'dead', reason: 'not-json' } }]);
    expect([broker.channel.acked, broker.channel.rejected]).toEqual([[], [1]]);
    expect(broker.channel.queueArguments.get('shop.pay')).toMatchObject({ 'x-dead-letter-routing-key': 'shop.pay.dead', 'x-dead-letter-strategy': 'at-least-once' });
    expect(broker.channel.asked).toContain('assert queue shop.pay.dead');
  });

  test('what differs at the broker is refused, in its words; what is not there is waited for', async () => {
    const { broker, transport } = playedBroker();
    const refused = (code: number, message: string) => {
      broker.prepare = (channel) => channel.failures.set('assert queue', Object.assign(new Error(message), { code }));
      return expect(transport.subscriber?.subscribe('orders', SUBSCRIBE)).rejects;
    };
    await refused(406, "inequivalent arg 'x-queue-type' for queue 'shop.pay': received 'quorum' but current is 'classic'").toMatchObject({
      code: 'topology-differs',
      message: expect.stringContaining("current is 'classic'"),
    });
    await refused(403, 'ACCESS_REFUSED').toMatchObject({ code: 'transport-unavailable' });
  });

  test('with `declare: false` nothing is made', async () => {
    const { broker } = await consuming({ declare: false, exchange: (topic) => `x.${topic}`, queue: (service, consumer) => `${consumer}@${service}` });
    expect(broker.channel.asked).toEqual(['check exchange x.orders', 'check queue pay@shop', 'consume pay@shop']);
  });

  test('trap 57: a consumer that was renamed goes on with the queue of its previous name, where there is one', async () => {
    const { broker, transport } = playedBroker();
    broker.prepare = (channel) => channel.failures.set('check queue shop.older', Object.assign(new Error('NOT_FOUND'), { code: 404 }));
    await transport.subscriber?.subscribe('orders', { ...SUBSCRIBE, previousNames: ['older', 'charge'] });
    expect(broker.channel.asked).toContain('consume shop.charge');
  });

  test("trap 30: the broker's patience is in the contract, which a handler's time is checked against", () => {
    expect(playedBroker({ consumerTimeoutMs: 5_000 }).transport.contract.deadline.value).toMatchObject({ defaultMs: 5_000, prolonged: false });
  });

  test('a feed that waits for a connection heeds its signal', async () => {
    const { broker, feed } = await consuming();
    broker.prepare = (channel) => {
      channel.consume = () => new Promise(() => {});
    };
    broker.channel.end();
    await expect(receive(feed)).rejects.toMatchObject({ code: 'transport-unavailable' });
    expect(await receive(feed)).toEqual([]);
  });
});

describe('options', () => {
  test.each([
    [{ prefetch: 0 }, 'prefetch'],
    [{ prefetch: 70_000 }, 'prefetch'],
    [{ declare: 'no' }, 'declare'],
    [{ deadLetters: 'both' }, 'deadLetters'],
    [{ queue: 'pay' }, 'queue'],
    [{ que: () => '' }, 'queue'],
    [{ format: 'avro' }, 'format'],
  ])('%o is refused, naming %s', (options, name) => {
    expect(() => rabbitmq(new PlayedRabbitmq().connect, options as never)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(name) }));
  });
});
