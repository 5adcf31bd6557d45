import { expect, test, vi } from 'vitest';
import { Footprint } from './footprint.ts';

test('memory is compared between the first and the last tenth of the messages, however they come', () => {
  let megabytes = 0;
  vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => megabytes * 2 ** 20);
  const footprint = new Footprint(1000);
  for (const [size, messages] of [
    [10, 60],
    [30, 40],
    [500, 800],
    [90, 100],
  ] as const) {
    megabytes = size;
    footprint.tick(messages);
  }
  expect(footprint.ends).toEqual({ firstMb: 18, lastMb: 90 });
});
