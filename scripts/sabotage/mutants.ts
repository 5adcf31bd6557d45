import type { Mutant } from './mutant.ts';
import { EXPLAIN_MUTANTS } from './mutants/explain.ts';
import { KAFKA_TRANSACTION_MUTANTS } from './mutants/kafka-transactions.ts';
import { LEASE_MUTANTS } from './mutants/leases.ts';
import { MESSAGE_MUTANTS } from './mutants/messages.ts';
import { MODEL_MUTANTS } from './mutants/models.ts';
import { POSTGRES_LEASE_MUTANTS } from './mutants/postgres/leases.ts';
import { POSTGRES_MESSAGE_MUTANTS } from './mutants/postgres/messages.ts';
import { POSTGRES_RECORD_MUTANTS } from './mutants/postgres/records.ts';
import { POSTGRES_TRANSACTION_MUTANTS } from './mutants/postgres/transactions.ts';
import { RECORD_MUTANTS } from './mutants/records.ts';
import { TRANSACTION_MUTANTS } from './mutants/transactions.ts';
import { KAFKA_MUTANTS } from './mutants/transports/kafka.ts';
import { RABBITMQ_MUTANTS } from './mutants/transports/rabbitmq.ts';
import { RABBITMQ_STREAMS_MUTANTS } from './mutants/transports/rabbitmq-streams.ts';
import { SQS_MUTANTS } from './mutants/transports/sqs.ts';

/** The bugs that the tests have to find. */
export const MUTANTS: readonly Mutant[] = [
  ...RECORD_MUTANTS,
  ...LEASE_MUTANTS,
  ...TRANSACTION_MUTANTS,
  ...MESSAGE_MUTANTS,
  ...MODEL_MUTANTS,
  ...EXPLAIN_MUTANTS,
  ...POSTGRES_RECORD_MUTANTS,
  ...POSTGRES_LEASE_MUTANTS,
  ...POSTGRES_TRANSACTION_MUTANTS,
  ...POSTGRES_MESSAGE_MUTANTS,
  ...KAFKA_MUTANTS,
  ...KAFKA_TRANSACTION_MUTANTS,
  ...RABBITMQ_MUTANTS,
  ...RABBITMQ_STREAMS_MUTANTS,
  ...SQS_MUTANTS,
];
