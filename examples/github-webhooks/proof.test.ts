import { proveOnce } from 'semel/prove';
import { expect, test } from 'vitest';
import { proof } from './proof.ts';

test('what `semel prove` takes proves that each delivery is counted once', { timeout: 30_000 }, async () => {
  const report = await proveOnce(proof);
  expect(report.ok, `${report}`).toBe(true);
});
