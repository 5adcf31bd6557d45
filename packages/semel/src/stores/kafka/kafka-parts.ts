import type { Opened } from '../../core/opened.ts';
import type { Wire } from '../../core/wire.ts';
import type { KafkaTransactions, TransactionalProducer } from '../../transports/kafka/kafka-client.ts';
import type { GroupLedger } from './group-ledger.ts';
import type { CheckedKafkaOptions } from './kafka-store-options.ts';
import type { UnresolvedUnits } from './unresolved-units.ts';

/** What the transactions of one store share. */
export interface KafkaParts {
  readonly options: CheckedKafkaOptions;
  readonly transactions: KafkaTransactions;
  readonly producers: Opened<TransactionalProducer>;
  /** By consumer. */
  readonly ledgers: ReadonlyMap<string, GroupLedger>;
  readonly units: UnresolvedUnits;
  readonly deadLetterWire: Wire;
  /** The names of these topics. */
  readonly remembers: ReadonlySet<string>;
  /** What every route's brokers take as one batch. */
  maxBytes(): number;
  /** How messages of a topic are written. @throws SemelError `capability-missing` where no route of the store carries it */
  wireOf(topic: string): Wire;
}
