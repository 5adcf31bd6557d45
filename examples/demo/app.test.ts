import { expect, test } from 'vitest';
import { semel } from './app.ts';

test("the demo's charge is made once in the transaction, and nothing is refused", () => {
  expect(semel.explain()).toMatchObject([{ consumer: 'charge', guarantee: 'exactly-once', way: 'in the transaction', holds: true }]);
});
