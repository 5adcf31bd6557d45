import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestsOf } from './requests.ts';

const bounds = { maxItems: 3, maxBytes: 10, bytesOf: (bytes: number) => bytes };

test('cuts by count and by bytes, in order', () => {
  expect(requestsOf([1, 1, 1, 1], bounds)).toEqual([[1, 1, 1], [1]]);
  expect(requestsOf([6, 4, 1, 9, 2], bounds)).toEqual([[6, 4], [1, 9], [2]]);
  expect(requestsOf([2, 11, 2], bounds)).toEqual([[2], [11], [2]]);
  expect(requestsOf([], bounds)).toEqual([]);
});

test('loses nothing, and no request is larger than it may be', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10 })), (items) => {
      const requests = requestsOf(items, bounds);
      expect(requests.flat()).toEqual(items);
      for (const request of requests) {
        expect(request.length).toBeLessThanOrEqual(3);
        expect(request.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(10);
      }
    }),
  );
});
