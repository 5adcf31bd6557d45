import { SemelError } from '../../core/errors.ts';
import type { Publisher, PublishResult } from '../../core/transport.ts';

/** Stands for the fact that the topic can be published to: the store does it, in its transactions. */
export class TransactionPublisher implements Publisher {
  readonly keepsKeyOrder = true;

  async publish(): Promise<readonly PublishResult[]> {
    throw new SemelError('capability-missing', 'a route of kafkaTransactions() is published to in the transactions of that store alone; to relay from another store use kafka()');
  }

  async close(): Promise<void> {}
}
