import { expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';

const never = new AbortController().signal;

test('hands out what came, in order, as many as asked for', async () => {
  const arrivals = new Arrivals<number>();
  arrivals.add(1, 2, 3);
  expect([await arrivals.take(2, never), await arrivals.take(2, never)]).toEqual([[1, 2], [3]]);
});

test('waits for what comes', async () => {
  const arrivals = new Arrivals<number>();
  const waiting = arrivals.take(5, never);
  arrivals.add(1);
  expect(await waiting).toEqual([1]);
});

test('of two who wait one gets it, and the other waits on', async () => {
  const arrivals = new Arrivals<number>();
  const waiting = [arrivals.take(1, never), arrivals.take(1, never)];
  arrivals.add(1);
  expect(await Promise.race(waiting)).toEqual([1]);
  arrivals.add(2);
  expect((await Promise.all(waiting)).flat().toSorted()).toEqual([1, 2]);
});

test('a wait ends with nothing when its signal aborts, and takes nothing with it', async () => {
  const arrivals = new Arrivals<number>();
  const stop = new AbortController();
  const waiting = arrivals.take(1, stop.signal);
  stop.abort();
  arrivals.add(1);
  expect(await waiting).toEqual([]);
  expect(await arrivals.take(1, never)).toEqual([1]);
});

test('its end answers what nobody took, and lets nothing more in', async () => {
  const arrivals = new Arrivals<number>();
  arrivals.add(1, 2);
  expect(arrivals.drop((item) => item === 1)).toEqual([1]);
  expect(arrivals.end()).toEqual([2]);
  arrivals.add(3);
  expect([arrivals.size, await arrivals.take(1, never)]).toEqual([0, []]);
});
