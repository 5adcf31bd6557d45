import { expect, test } from 'vitest';
import { messageOf } from '../store-suite/store-bench.ts';
import { MemoryQueue } from './memory-queue.ts';

function queueOf(): MemoryQueue {
  let last = 0;
  const queue = new MemoryQueue({ ordered: true, numbered: false }, () => ++last);
  for (const id of ['a', 'b', 'c']) {
    queue.add({ topic: 'orders', key: 'k', content: messageOf(id, { key: 'k' }), publishedAtMs: 0, attempts: 0, history: [] }, 0, 0);
  }
  return queue;
}

test('hands nothing of a key out while a later message of it is still in flight', () => {
  const queue = queueOf();
  const [head, next] = queue.lease({ max: 2, leaseMs: 1_000, suspects: true, nowMs: 0 });
  if (head === undefined || next === undefined) throw new Error('nothing was leased');
  queue.release(head);
  expect(queue.lease({ max: 10, leaseMs: 1_000, suspects: true, nowMs: 0 })).toEqual([]);
  queue.release(next);
  expect(queue.lease({ max: 10, leaseMs: 1_000, suspects: true, nowMs: 0 })).toHaveLength(3);
});

test('keeps a long lane short once its head is settled, and its order', () => {
  let last = 0;
  const queue = new MemoryQueue({ ordered: true, numbered: false }, () => ++last);
  const ids = Array.from({ length: 500 }, (_, index) => `m${index}`);
  for (const id of ids) queue.add({ topic: 'orders', key: 'k', content: messageOf(id, { key: 'k' }), publishedAtMs: 0, attempts: 0, history: [] }, 0, 0);
  const seen: string[] = [];
  for (let rows = queue.lease({ max: 7, leaseMs: 1_000, suspects: true, nowMs: 0 }); rows.length > 0; rows = queue.lease({ max: 7, leaseMs: 1_000, suspects: true, nowMs: 0 })) {
    for (const row of rows) {
      seen.push('message' in row.content ? row.content.message.id : '');
      queue.remove(row);
    }
  }
  expect(seen).toEqual(ids);
  expect(queue.waits('k')).toBe(false);
});
