/**
 * Opt-in, and never by chance: `SEMEL_TEST_AWS=eu-central-1` names the region, and credentials are those of the SDK's own chain. It makes queues and topics named
 * `semel-test-…`, and removes them. With `AWS_ENDPOINT_URL` the same way leads to an emulator.
 */
import { describe, test } from 'vitest';
import { killAtBoundaries } from '../broker-crash/kill-at-boundaries.ts';
import { overFifoQueues } from '../sqs/fifo-crew.ts';
import { awsRegion } from '../sqs/queues.ts';
import { sqsSuiteAt } from '../sqs/sqs-suite-at.ts';
import { snsSuiteAt } from './sns-suite-at.ts';

if (awsRegion === undefined) test.skip('SQS and SNS of an AWS account [opt-in: SEMEL_TEST_AWS names a region]', () => {});
else {
  describe(`in ${process.env['AWS_ENDPOINT_URL'] ?? `AWS, ${awsRegion}`}`, () => {
    for (const fifo of [false, true]) {
      sqsSuiteAt('aws', fifo, test.concurrent);
      snsSuiteAt('aws', fifo, test.concurrent);
    }

    test('processes are killed at each boundary of a consumer: one effect each, in order', () =>
      overFifoQueues('aws', { store: 'sqlite', orders: 150 }, (crew) => killAtBoundaries(crew, 5)));
  });
}
