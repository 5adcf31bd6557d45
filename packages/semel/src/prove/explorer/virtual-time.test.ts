import { expect, test } from 'vitest';
import { VirtualTime } from './virtual-time.ts';

test('fires what is due at one time together, in its order', () => {
  const time = new VirtualTime();
  const owner = { state: 'up' } as const;
  const fired: string[] = [];
  time.after(owner, 20, () => fired.push('late'));
  time.after(owner, 10, () => fired.push('first'));
  time.after(owner, 10, () => fired.push('second'));
  time.after(owner, 10, () => fired.push('cancelled'))();
  expect([time.tick(), fired]).toEqual([true, ['first', 'second']]);
  expect([time.tick(), time.tick(), fired.at(-1), time.nowMs - time.startMs]).toEqual([true, false, 'late', 20]);
});

test('a frozen owner’s timers wait until it wakes up, a dead one’s never fire', () => {
  const time = new VirtualTime();
  const owner: { state: 'up' | 'frozen' | 'down' } = { state: 'frozen' };
  const fired: string[] = [];
  time.after(owner, 10, () => fired.push('frozen'));
  time.after({ state: 'down' }, 10, () => fired.push('dead'));
  time.after({ state: 'up' }, 30, () => fired.push('up'));
  time.tick();
  owner.state = 'up';
  time.tick();
  expect([fired, time.nowMs - time.startMs]).toEqual([['up', 'frozen'], 30]);
});
