import { expect, test } from 'vitest';
import { SuspectTurn } from './suspect-turn.ts';

test('trap 51: one has the turn at a time; whom it was refused meanwhile is told once that it is free, and nobody else', () => {
  const turn = new SuspectTurn();
  const told: string[] = [];
  const take = (name: string) => turn.take(() => told.push(name));
  expect([take('first'), take('second'), take('third')]).toEqual([true, false, false]);
  turn.giveBack();
  expect(told).toEqual(['second', 'third']);
  expect(take('second')).toBe(true);
  turn.giveBack();
  expect(told).toEqual(['second', 'third']);
});
