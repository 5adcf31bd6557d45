import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker, type Held, RECEIVE_MAX, VISIBILITY_MS } from './broker.ts';

describe('Broker', () => {
  let folder: string;
  let nowMs: number;
  let broker: Broker;
  const receiveOne = () => broker.receive(1)[0] as Held;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'semel-demo-broker-'));
    nowMs = 1_000_000;
    broker = new Broker(join(folder, 'broker.db'), () => nowMs);
  });

  afterEach(() => {
    broker.close();
    rmSync(folder, { recursive: true });
  });

  it('hands out messages in order, a limited number at once', () => {
    broker.publish(Array.from({ length: RECEIVE_MAX + 1 }, (_, index) => ({ body: String(index), times: 1 })));
    expect(broker.receive(100).map(({ body }) => body)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(broker.receive().map(({ body }) => body)).toEqual(['10']);
    expect(broker.receive()).toEqual([]);
  });

  it('hides a received message until its time is over, then delivers it again', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    expect(receiveOne()).toMatchObject({ body: 'a', attempt: 1 });
    nowMs += VISIBILITY_MS - 1;
    expect(broker.receive()).toEqual([]);
    nowMs += 1;
    expect(receiveOne()).toMatchObject({ body: 'a', attempt: 2 });
  });

  it('settles what is acknowledged', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    expect(broker.acknowledge(receiveOne())).toBe(true);
    nowMs += VISIBILITY_MS;
    expect(broker.receive()).toEqual([]);
    expect(broker.remaining()).toBe(0);
  });

  it('refuses every stale change', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    const stale = receiveOne();
    nowMs += VISIBILITY_MS;
    const held = receiveOne();
    expect([broker.acknowledge(stale), broker.extend(stale, 1000), broker.retry(stale, 0), broker.giveBack(stale)]).toEqual([false, false, false, false]);
    expect(broker.receive()).toEqual([]);
    expect(broker.acknowledge(held)).toBe(true);
  });

  it('delivers a message twice on purpose, although it was acknowledged, and takes each acknowledgement once', () => {
    broker.publish([{ body: 'a', times: 2 }]);
    const first = receiveOne();
    expect([broker.acknowledge(first), broker.acknowledge(first)]).toEqual([true, false]);
    expect(broker.remaining()).toBe(1);
    expect(broker.acknowledge(receiveOne())).toBe(true);
    expect(broker.remaining()).toBe(0);
    expect(broker.receive()).toEqual([]);
  });

  it('hides a message for longer', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    const held = receiveOne();
    nowMs += VISIBILITY_MS - 1;
    expect(broker.extend(held, VISIBILITY_MS)).toBe(true);
    nowMs += VISIBILITY_MS - 1;
    expect(broker.receive()).toEqual([]);
    expect(broker.acknowledge(held)).toBe(true);
  });

  it('retries after a delay, and gives back at once without counting the attempt', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    broker.retry(receiveOne(), 50);
    expect(broker.receive()).toEqual([]);
    nowMs += 50;
    const second = receiveOne();
    expect(second.attempt).toBe(2);
    broker.giveBack(second);
    expect(receiveOne().attempt).toBe(2);
  });

  it('knows who has messages in hand', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    expect(broker.holders()).toEqual([]);
    const held = receiveOne();
    expect(broker.holders()).toEqual([process.pid]);
    broker.acknowledge(held);
    expect(broker.holders()).toEqual([]);
  });

  it('is shared by all who open its file', () => {
    broker.publish([{ body: 'a', times: 1 }]);
    const other = new Broker(join(folder, 'broker.db'), () => nowMs);
    expect(other.receive().map(({ body }) => body)).toEqual(['a']);
    expect(broker.receive()).toEqual([]);
    other.close();
  });
});
