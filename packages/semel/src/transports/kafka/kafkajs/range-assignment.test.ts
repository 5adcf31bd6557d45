import { expect, test } from 'vitest';
import { decodeAssignment, encodeAssignment, encodeSubscription, rangesOf } from './range-assignment.ts';

test('partitions are shared out in runs, as even as can be, whatever order the members come in', () => {
  const ranges = { a: [0, 1, 2], b: [3, 4], c: [5, 6] };
  expect(Object.fromEntries(rangesOf(['c', 'a', 'b'], 7))).toEqual(ranges);
  expect(Object.fromEntries(rangesOf(['b', 'c', 'a'], 7))).toEqual(ranges);
  expect(Object.fromEntries(rangesOf(['a', 'b'], 1))).toEqual({ a: [0], b: [] });
});

test('an assignment is read as it was written, of its topic alone; one of no bytes is none', () => {
  expect(decodeAssignment(encodeAssignment('orders', [2, 5]), 'orders')).toEqual([2, 5]);
  expect(decodeAssignment(encodeAssignment('others', [2, 5]), 'orders')).toEqual([]);
  expect(decodeAssignment(Buffer.alloc(0), 'orders')).toEqual([]);
});

test('a subscription is what the Java client writes: version, topics, no data of its own', () => {
  expect(encodeSubscription('ab').toString('hex')).toBe('0000' + '00000001' + '0002' + '6162' + '00000000');
});

test('an assignment that ends too early is an error', () => {
  expect(() => decodeAssignment(encodeAssignment('orders', [2, 5]).subarray(0, 16), 'orders')).toThrow(RangeError);
});
