import { test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { snsSuiteAt } from './sns-suite-at.ts';

describeWith('fauxqs', 'on fauxqs', () => {
  for (const fifo of [false, true]) snsSuiteAt('fauxqs', fifo, test.concurrent); // they wait more than they work
});
