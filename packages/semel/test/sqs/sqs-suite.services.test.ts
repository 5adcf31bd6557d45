import { test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { sqsSuiteAt } from './sqs-suite-at.ts';

for (const place of ['elasticmq', 'fauxqs'] as const) {
  describeWith(place, `on ${place}`, () => {
    for (const fifo of [false, true]) sqsSuiteAt(place, fifo, test.concurrent); // they wait more than they work
  });
}
