import type { Contract } from '../core/contract.ts';
import { dynamodbStreamsContract } from './dynamodb-streams.ts';
import { eventbridgeContract } from './eventbridge.ts';
import { githubWebhooksContract } from './github-webhooks.ts';
import { kafkaContract } from './kafka.ts';
import { kafkaTransactionsContract } from './kafka-transactions.ts';
import { kinesisContract } from './kinesis.ts';
import { lambdaAsyncContract } from './lambda-async.ts';
import { lambdaSqsContract } from './lambda-sqs.ts';
import { lambdaStreamsContract } from './lambda-streams.ts';
import { localContract } from './local.ts';
import { natsJetstreamContract } from './nats-jetstream.ts';
import { peerContract } from './peer.ts';
import { pubsubContract } from './pubsub.ts';
import { pubsubExactlyOnceContract } from './pubsub-exactly-once.ts';
import { pubsubOrderedContract } from './pubsub-ordered.ts';
import { rabbitmqContract } from './rabbitmq.ts';
import { rabbitmqClassicContract } from './rabbitmq-classic.ts';
import { rabbitmqStreamsContract } from './rabbitmq-streams.ts';
import { snsContract } from './sns.ts';
import { snsFifoContract } from './sns-fifo.ts';
import { sqsContract } from './sqs.ts';
import { sqsFifoContract } from './sqs-fifo.ts';
import { standardWebhooksContract } from './standard-webhooks.ts';
import { stepFunctionsContract } from './step-functions.ts';
import { stepFunctionsExpressContract, stepFunctionsSyncExpressContract } from './step-functions-express.ts';
import { stripeWebhooksContract } from './stripe-webhooks.ts';

/** A name for a service, or for a way of using one. */
export type ContractName =
  | 'local'
  | 'peer'
  | 'sqs'
  | 'sqs-fifo'
  | 'sns'
  | 'sns-fifo'
  | 'kafka'
  | 'kafka-transactions'
  | 'rabbitmq'
  | 'rabbitmq-classic'
  | 'rabbitmq-streams'
  | 'kinesis'
  | 'dynamodb-streams'
  | 'eventbridge'
  | 'lambda-async'
  | 'lambda-sqs'
  | 'lambda-streams'
  | 'step-functions'
  | 'step-functions-express'
  | 'step-functions-sync-express'
  | 'pubsub'
  | 'pubsub-exactly-once'
  | 'pubsub-ordered'
  | 'nats-jetstream'
  | 'stripe-webhooks'
  | 'github-webhooks'
  | 'standard-webhooks';

/**
 * What each service promises, by a name for it; of those that have no adapter yet too. Where a promise depends on settings, it is that of the
 * defaults: a transport's own `contract` has the settings that it was given.
 */
export const CONTRACTS: Readonly<Record<ContractName, Contract>> = Object.freeze({
  local: localContract,
  peer: peerContract,
  sqs: sqsContract,
  'sqs-fifo': sqsFifoContract,
  sns: snsContract,
  'sns-fifo': snsFifoContract,
  kafka: kafkaContract(),
  'kafka-transactions': kafkaTransactionsContract,
  rabbitmq: rabbitmqContract({ singleActive: false, maxMessageBytes: 16 << 20 }),
  'rabbitmq-classic': rabbitmqClassicContract,
  'rabbitmq-streams': rabbitmqStreamsContract(),
  kinesis: kinesisContract,
  'dynamodb-streams': dynamodbStreamsContract,
  eventbridge: eventbridgeContract,
  'lambda-async': lambdaAsyncContract,
  'lambda-sqs': lambdaSqsContract,
  'lambda-streams': lambdaStreamsContract,
  'step-functions': stepFunctionsContract,
  'step-functions-express': stepFunctionsExpressContract,
  'step-functions-sync-express': stepFunctionsSyncExpressContract,
  pubsub: pubsubContract,
  'pubsub-exactly-once': pubsubExactlyOnceContract,
  'pubsub-ordered': pubsubOrderedContract,
  'nats-jetstream': natsJetstreamContract,
  'stripe-webhooks': stripeWebhooksContract,
  'github-webhooks': githubWebhooksContract,
  'standard-webhooks': standardWebhooksContract,
});
