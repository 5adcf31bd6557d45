import { expect, test } from 'vitest';
import { MinHeap } from './min-heap.ts';
import { seededRandom } from './seeded-random.ts';

test('gives its elements in order, whatever the order in which they came and went (seeds 1 to 20)', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const heap = new MinHeap<number>((a, b) => a < b);
    const inside: number[] = [];
    for (let step = 0; step < 300; step++) {
      if (random() < 0.6) {
        const number = Math.floor(random() * 50);
        heap.push(number);
        inside.push(number);
      } else {
        inside.sort((a, b) => a - b);
        expect(heap.peek(), `seed ${seed}`).toBe(inside[0]);
        expect(heap.pop(), `seed ${seed}`).toBe(inside.shift());
      }
    }
  }
});
