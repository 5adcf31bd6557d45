import { expect, test } from 'vitest';
import { CONTRACTS } from './index.ts';

const all = Object.entries(CONTRACTS);

/** Addresses of documents, or files and pages of Semel's own. */
const SOURCE = /^(https:\/\/[a-z0-9.-]+\/|Semel, )/;

test('every service of the mission has a contract', () => {
  expect(all.length).toBeGreaterThanOrEqual(27);
  expect(new Set(all.map(([, { service }]) => service)).size).toBe(all.length);
});

test.each(all)('%s: every fact has a source that can be opened', (_name, contract) => {
  const sources = Object.entries(contract).flatMap(([name, fact]) => (name === 'service' ? [] : [[name, (fact as { readonly source: string }).source] as const]));
  expect(sources.filter(([, source]) => !SOURCE.test(source))).toEqual([]);
});

test.each(all)('%s: a bounded redelivery window is the sum of what it is made of', (_name, { redeliveryWindowMs, redelivery }) => {
  const periods = redelivery.value.map(({ maxMs }) => maxMs ?? Number.POSITIVE_INFINITY);
  if (redeliveryWindowMs.value === null) expect(periods.length).toBeGreaterThan(0);
  else expect(periods.reduce((sum, ms) => sum + ms, 0)).toBe(redeliveryWindowMs.value);
});

test.each(all)('%s: its facts do not contradict one another', (_name, contract) => {
  const { duplicates, deadline, delivery, dedupWindowMs, dedupKey, retention, redelivery, maxBatch, batchPublish } = contract;
  if (delivery.value === 'at-least-once') expect(duplicates.value).toContain('unsettled');
  expect(dedupKey.value === 'none').toBe(dedupWindowMs.value === 0);
  expect(maxBatch.value === 1).toBe(batchPublish.value === 'none' && maxBatch.value !== null);
  if (deadline.value !== null) {
    const { defaultMs, maxMs, totalMs } = deadline.value;
    expect(defaultMs).toBeLessThanOrEqual(maxMs ?? Number.POSITIVE_INFINITY);
    expect(defaultMs).toBeLessThanOrEqual(totalMs ?? Number.POSITIVE_INFINITY);
  }
  const [first] = redelivery.value;
  if (retention.value.maxMs !== null && first !== undefined && first.maxMs !== null) expect(retention.value.defaultMs).toBeLessThanOrEqual(first.maxMs);
});
