import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultProxy, faultProxy } from '../../src/testing/fault-proxy.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { OwnRabbitmq } from '../services/own-rabbitmq.ts';
import { Orders } from './orders.ts';
import { Corner, connection } from './rabbitmq.ts';

const PATIENT = { timeout: 60_000 };

/** Until every order is booked, or for as long as a busy machine may take. */
const settled = (orders: Orders) => expect.poll(() => orders.faults(), { timeout: 40_000, interval: 100 });

describeWith('rabbitmq', 'between Semel and a RabbitMQ that is harmed', () => {
  let broker: OwnRabbitmq;
  beforeAll(async () => {
    broker = await OwnRabbitmq.start();
  });
  afterAll(() => broker[Symbol.asyncDispose]());

  test('the broker is killed in mid-flight, twice: each order is booked once, those of a customer in order', PATIENT, async () => {
    await using corner = await Corner.open(broker.url);
    const both = () => corner.transport({ singleActive: true });
    await using orders = new Orders(corner.topic, { shop: both(), billing: both() });
    await orders.start();
    await setTimeout(2_000); // a node that is killed within a second forgets the queue (rabbitmq/rabbitmq-server#15725)
    for (let crash = 0; crash < 2; crash++) {
      await orders.place(40);
      await broker.crash();
      await orders.place(40);
      await broker.restart();
    }
    await settled(orders).toEqual([]);
    expect(orders.troubles.some((trouble) => trouble.startsWith('RabbitMQ cannot be connected to'))).toBe(true);
    expect(await orders.deadLetters()).toBe(0);
    await corner.reconnect();
  });

  test('the broker is short of memory and blocks publishers: they wait, what is consumed is acknowledged meanwhile, and nothing is lost', PATIENT, async () => {
    await using corner = await Corner.open(broker.url);
    await using orders = new Orders(corner.topic, { shop: corner.transport(), billing: corner.transport({ singleActive: true }) });
    await orders.start();
    await orders.place(20);
    await settled(orders).toEqual([]);
    await broker.control('set_vm_memory_high_watermark', 'absolute', '1MB');
    await orders.place(20);
    await expect.poll(() => orders.troubles.filter((trouble) => trouble.startsWith('RabbitMQ blocks publishers')).length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(orders.booked()).toHaveLength(20);
    await broker.control('set_vm_memory_high_watermark', '0.6');
    await settled(orders).toEqual([]);
    expect(await orders.deadLetters()).toBe(0);
  });

  test('trap 30: a handler outlasts consumer_timeout: the broker ends the channel, the handler is interrupted, and the order is booked once', PATIENT, async () => {
    await broker.control('eval', 'application:set_env(rabbit, consumer_timeout, 2000), application:set_env(rabbit, channel_tick_interval, 200).');
    await using corner = await Corner.open(broker.url);
    const interrupted: number[] = [];
    let slow = true;
    const handle = async (number: number, signal: AbortSignal) => {
      if (number !== 3 || !slow) return;
      await setTimeout(30_000, undefined, { signal }).catch(() => interrupted.push(number));
      slow = false;
      signal.throwIfAborted();
    };
    await using orders = new Orders(corner.topic, { shop: corner.transport(), billing: corner.transport({ singleActive: true }) }, handle);
    await orders.start();
    await orders.place(10);
    await settled(orders).toEqual([]);
    expect(interrupted).toEqual([3]);
    expect(orders.troubles.join()).toContain('RabbitMQ ended the channel');
  });
});

describeWith('rabbitmq', 'a confirm is lost in a network partition, and the publish retried', () => {
  let proxy: FaultProxy;
  let through: string;
  beforeAll(async () => {
    const { hostname, port } = new URL(serviceUrl('rabbitmq') as string);
    proxy = await faultProxy({ to: { host: hostname, port: Number(port) } });
    through = `amqp://guest:guest@${proxy.host}:${proxy.port}`;
  });
  afterAll(() => proxy.close());

  test('naive: a retry and an acknowledgement after the insert book it twice', PATIENT, async () => {
    await using corner = await Corner.open(serviceUrl('rabbitmq') as string);
    await corner.makeQueues(['pay']);
    const db = new DatabaseSync(':memory:');
    db.exec('create table booked (id text)');
    const consuming = await corner.admin.createChannel();
    await consuming.consume(corner.queue('pay'), (message) => {
      db.prepare('insert into booked values (?)').run(String(message?.properties.messageId));
      if (message) consuming.ack(message);
    });
    const send = async (model: ChannelModel) => {
      const channel = await model.createConfirmChannel();
      channel.on('error', () => {});
      channel.publish(corner.topic, 'placed', Buffer.from('{}'), { messageId: 'o-1', persistent: true });
      await channel.waitForConfirms();
    };
    const cut = proxy.once({ request: /o-1[^\xce]*\xce[^\xce]*\{\}\xce/, then: 'cut-reply' });
    await expect(send(await connection(through))).rejects.toThrow();
    await cut;
    await send(await connection(through));
    await expect.poll(() => db.prepare('select id from booked').all().length).toBe(2);
    await consuming.close();
    db.close();
  });

  test('Semel: booked once, however often', PATIENT, async () => {
    await using corner = await Corner.open(serviceUrl('rabbitmq') as string);
    await using orders = new Orders(corner.topic, { shop: corner.transport({}, through), billing: corner.transport({ singleActive: true }) });
    await orders.start();
    for (const then of ['cut-reply', 'cut-after-request', 'hold-reply', 'cut-reply'] as const) {
      const fault = proxy.once({ request: /\{"[^\xce]*\}\xce/, then, signal: AbortSignal.timeout(20_000) });
      await orders.place(10);
      await fault;
      await setTimeout(100);
      proxy.pass();
    }
    await settled(orders).toEqual([]);
    expect(await orders.deadLetters()).toBe(0);
  });
});
