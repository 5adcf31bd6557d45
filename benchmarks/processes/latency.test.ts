import { expect, test } from 'vitest';
import { ordersFrom, placedId } from '../messages.ts';
import { Latency, WARM_UP } from './latency.ts';

test('a message waits from its commit to its handler; those of the first second do not count', async () => {
  const orders = ordersFrom(1, WARM_UP + 10);
  const latency = new Latency(orders);
  const report = await latency.measure(async (order) => {
    setTimeout(
      () => {
        latency.arrived(placedId(order));
        latency.handled();
      },
      orders.indexOf(order) < WARM_UP ? 300 : 20,
    );
  });
  expect(report.messages).toBe(WARM_UP + 10);
  expect(report.p50Ms).toBeGreaterThan(15);
  expect(report.p50Ms).toBeLessThan(300);
});
