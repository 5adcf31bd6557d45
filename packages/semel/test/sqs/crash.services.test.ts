import { test } from 'vitest';
import { killAtBoundaries } from '../broker-crash/kill-at-boundaries.ts';
import { describeWith } from '../services/describe-with.ts';
import { overFifoQueues } from './fifo-crew.ts';

describeWith('elasticmq', 'processes are killed between SQS FIFO and a database', () => {
  test('traps 24, 26, 33 and 51: at each boundary of a consumer: one effect each, in order, and the message that kills is dead-lettered, alone', { timeout: 240_000 }, () =>
    overFifoQueues('elasticmq', { store: 'sqlite', orders: 150 }, killAtBoundaries),
  );
});
