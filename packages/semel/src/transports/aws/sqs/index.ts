export type { LargePayloads } from '../large-payloads.ts';
export { type SqsOptions, sqs } from './sqs.ts';
export type { SqsClient } from './sqs-client.ts';
