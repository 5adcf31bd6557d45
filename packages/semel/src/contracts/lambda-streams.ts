import type { Contract } from '../core/contract.ts';
import { kinesisContract } from './kinesis.ts';

const GUIDE = 'https://docs.aws.amazon.com/lambda/latest/dg';
const PARAMETERS = `${GUIDE}/services-kinesis-parameters.html`;
const REPORTING = `${GUIDE}/services-kinesis-batchfailurereporting.html`;

/** What an event source mapping of AWS Lambda promises over a stream of Kinesis; over one of DynamoDB the same, with the times of that. */
export const lambdaStreamsContract: Contract = {
  ...kinesisContract,
  service: 'AWS Lambda, from a stream of Kinesis or DynamoDB',
  delivery: { value: 'at-least-once', source: `${GUIDE}/with-kinesis.html` },
  ordering: { value: 'partition', source: `${GUIDE}/with-kinesis.html: with a parallelization factor, by partition key` },
  takenBack: { value: 'lease', source: `${GUIDE}/with-kinesis.html: a function that runs out of time has failed, and its batch comes again` },
  deadline: { value: { defaultMs: 3_000, maxMs: 900_000, prolonged: false, totalMs: 900_000 }, source: `${GUIDE}/configuration-timeout.html` },
  attempts: {
    value: { most: null, then: 'blocks' },
    source: `${PARAMETERS}: MaximumRetryAttempts, MaximumRecordAgeInSeconds; both -1 unless set, and then the shard waits until the record expires`,
  },
  batchSettlement: {
    value: 'first-failure',
    source: `${REPORTING}: where ReportBatchItemFailures is on, all from the lowest reported on come again; an empty list is success, an empty id fails the batch`,
  },
  acknowledgement: { value: "Lambda's checkpoint of the shard moves behind the batch, or behind what the function reported.", source: REPORTING },
};
