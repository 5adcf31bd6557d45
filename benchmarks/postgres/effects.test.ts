import { expect, test } from 'vitest';
import { verify } from './effects.ts';

const before = { handled: 5, payments: 1, distinct: 1, outbox: 9 };

test('only what the messages were to add may have been added', () => {
  expect(() => verify(before, { ...before, outbox: 7 }, { outbox: -2 })).not.toThrow();
  expect(() => verify(before, before, {})).not.toThrow();
});

test.each([
  ['an effect made twice', { handled: 8, payments: 5, distinct: 4, outbox: 12 }, '4 rows more for "payments", and not 3'],
  ['an effect of another message', { handled: 8, payments: 4, distinct: 3, outbox: 12 }, '2 rows more for "distinct", and not 3'],
  ['a message that was lost', { handled: 8, payments: 4, distinct: 4, outbox: 11 }, '2 rows more for "outbox", and not 3'],
])('%s is refused', (_, after, message) => {
  expect(() => verify(before, after, { handled: 3, payments: 3, distinct: 3, outbox: 3 })).toThrow(message);
});
