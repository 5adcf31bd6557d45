import { SemelError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason-of.ts';
import type { PublishResult } from '../../core/transport.ts';
import type { KafkaProducer, KafkaTransactions, PartitionBatch, TransactionalProducer, TransactionEnd } from './kafka-client.ts';

/** Sends each call in a transaction: who reads committed records sees all of it at once, or nothing. */
export class TransactionalSender implements KafkaProducer {
  readonly #transactions: KafkaTransactions;
  readonly #producer: TransactionalProducer;

  private constructor(transactions: KafkaTransactions, producer: TransactionalProducer) {
    this.#transactions = transactions;
    this.#producer = producer;
  }

  /** Ends what was left open under the id, and fences whoever had it before. Rejects with `transport-unavailable`. */
  static async open(begin: () => KafkaTransactions): Promise<TransactionalSender> {
    const transactions = begin();
    try {
      return new TransactionalSender(transactions, await transactions.producer());
    } catch (error) {
      await transactions.close().catch(() => {});
      throw unavailable(error);
    }
  }

  async partitionsOf(topic: string): Promise<number> {
    return this.#transactions.partitionsOf(topic).catch((error: unknown) => Promise.reject(unavailable(error)));
  }

  async send(topic: string, batches: readonly PartitionBatch[]): Promise<readonly PublishResult[]> {
    const end = await this.#producer.commit({ batches: batches.map((batch) => ({ topic, ...batch })), offsets: undefined });
    return batches.map(() => resultOf(end));
  }

  close(): Promise<void> {
    return this.#transactions.close();
  }
}

function resultOf(end: TransactionEnd): PublishResult {
  if (end.kind === 'committed') return { kind: 'accepted' };
  if (end.kind === 'unknown') return { kind: 'unknown', error: end.error };
  return { kind: 'failed', error: end.error, retryable: end.because !== 'refused' };
}

/** What a store of transactions calls its own trouble is the transport's here. */
function unavailable(error: unknown): SemelError {
  return new SemelError('transport-unavailable', reasonOf(error), { cause: error });
}
