import { proveOnce } from 'semel/prove';
import { expect, test } from 'vitest';
import { proof, semel } from './app.ts';

test("the demo's charge is made once in the transaction, and nothing is refused", () => {
  expect(semel.explain()).toMatchObject([{ consumer: 'charge', guarantee: 'exactly-once', way: 'in the transaction', holds: true }]);
});

test('what `semel prove` takes proves it', { timeout: 30_000 }, async () => {
  const report = await proveOnce(proof);
  expect(report.ok, `${report}`).toBe(true);
});
