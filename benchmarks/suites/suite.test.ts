import { expect, test } from 'vitest';
import { kafkaSuite } from './kafka.ts';
import { postgresSuite } from './postgres.ts';
import { rabbitmqSuite } from './rabbitmq.ts';
import { sqliteSuite } from './sqlite.ts';
import { sqsSuite } from './sqs.ts';
import { chosen } from './suite.ts';

test.each([
  ['sqlite', sqliteSuite],
  ['postgres', postgresSuite],
  ['kafka', kafkaSuite],
  ['rabbitmq', rabbitmqSuite],
  ['sqs', sqsSuite],
])('every figure of %s has an id of its own, and contenders that there are', (_, suite) => {
  const comparisons = suite.comparisons(false);
  const ids = comparisons.flatMap(({ ratios }) => ratios.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const { ratios, contenders } of comparisons) for (const { of } of ratios) expect(Object.keys(contenders)).toEqual(expect.arrayContaining([...of]));
  const names = comparisons.flatMap(({ contenders }) => Object.keys(contenders));
  expect(new Set(names).size).toBe(names.length);
});

test('what is measured once stays so', () => {
  expect(chosen(kafkaSuite.comparisons(false), 'kafka/memory').map(({ once }) => once)).toEqual([true]);
});

test('only what a figure needs runs', () => {
  const [comparison, ...others] = chosen(postgresSuite.comparisons(false), 'postgres/6/raw');
  expect(others).toEqual([]);
  expect(Object.keys(comparison?.contenders ?? {})).toEqual(['raw relay', 'semel relay']);
  expect(chosen(postgresSuite.comparisons(false), 'postgres/6')[0]?.ratios.map(({ id }) => id)).toEqual(['postgres/6/raw', 'postgres/6/consumer']);
  expect(chosen(postgresSuite.comparisons(false), 'postgres/')).toEqual([]);
});
