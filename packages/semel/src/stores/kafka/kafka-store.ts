import { commitGroup } from '../../core/commit-group.ts';
import { SemelError } from '../../core/errors.ts';
import { Mutex } from '../../core/mutex.ts';
import { Opened } from '../../core/opened.ts';
import type { CommitOptions, DeadLetters, Inbox, PruneReport, Store, StoreCapabilities, StoreContext, Verdict, Work } from '../../core/store.ts';
import type { SubscribeOptions, Transport } from '../../core/transport.ts';
import { Wire } from '../../core/wire.ts';
import { clientOf } from '../../transports/kafka/kafka.ts';
import type { KafkaClient, KafkaTransactions, TransactionalProducer } from '../../transports/kafka/kafka-client.ts';
import { checkRouteOptions, type KafkaRouteOptions } from '../../transports/kafka/kafka-options.ts';
import type { Kafkajs } from '../../transports/kafka/kafkajs/library.ts';
import { transactionsOf } from '../../transports/kafka/transactions-of.ts';
import { GroupLedger } from './group-ledger.ts';
import type { KafkaParts } from './kafka-parts.ts';
import { LedgerSubscriber, routeContract } from './kafka-route.ts';
import { KafkaSession } from './kafka-session.ts';
import { type CheckedKafkaOptions, checkStoreOptions, type KafkaTransactionsOptions, WHERE } from './kafka-store-options.ts';
import { lacks, NO_INBOX, noDeadLetters } from './lacking-roles.ts';
import { LastMessages } from './last-messages.ts';
import { KafkaSubscriptions } from './subscriptions.ts';
import type { KafkaTransaction } from './transaction-handle.ts';
import { TransactionPublisher } from './transaction-publisher.ts';
import { UnresolvedUnits } from './unresolved-units.ts';

const CAPABILITIES: StoreCapabilities = Object.freeze({
  transactions: 'collected',
  durable: true,
  shared: true,
  enlist: false,
  inbox: false,
  queue: false,
  positions: false, // but of its own routes
  journal: false,
  replays: false,
});

/** Not that of `kafka()`: what another transport carries is none of the store's. */
const ROUTE = 'transactions';

/** A store whose transactions are Kafka's. */
export interface KafkaStore extends Store<KafkaTransaction> {
  /**
   * What carries topics within its transactions: consumers read from it, and what they publish to it is in the transaction that moves their position. One route serves
   * all topics that are alike; another one needs a `name` of its own. Takes the options of `kafka()`, but for `transactional`; `name` is `'transactions'` by default.
   *
   * @throws SemelError `bad-option`, or `duplicate-name`
   */
  route(options?: KafkaRouteOptions): Transport;
}

/**
 * From Kafka to Kafka: what a handler publishes, the positions of what it read and dead letters are one transaction of Kafka, so that who reads committed records sees all
 * of it once, or nothing. There is no record of handled messages: what a producer writes twice is handled twice.
 *
 * @param client a `Kafka` of kafkajs, with its brokers, TLS and SASL
 * @throws SemelError `bad-option`, or `capability-missing` where the client cannot carry it
 * @example
 * const store = kafkaTransactions(new Kafka({ brokers }), { deadLetterTopic: 'orders-dead' });
 * const route = store.route();
 * const totals = createSemel({ name: 'totals', store, routes: { orders: route, totals: route } });
 */
export function kafkaTransactions(client: Kafkajs | KafkaClient, options: KafkaTransactionsOptions): KafkaStore {
  const own = clientOf(client);
  return new TransactionStore(own, checkStoreOptions(options));
}

class TransactionStore implements KafkaStore {
  readonly name = 'kafka';
  readonly capabilities: StoreCapabilities = CAPABILITIES;
  readonly registry: KafkaSubscriptions;
  readonly inbox: Inbox = NO_INBOX;
  readonly deadLetters: DeadLetters;
  readonly #client: KafkaClient;
  readonly #options: CheckedKafkaOptions;
  readonly #transactions: KafkaTransactions;
  readonly #producers: Opened<TransactionalProducer>;
  readonly #wires = new Map<string, Wire>();
  readonly #ledgers = new Map<string, GroupLedger>();
  readonly #units = new UnresolvedUnits();
  readonly #mutex = new Mutex();
  readonly #parts: KafkaParts;
  #maxBytes = Number.POSITIVE_INFINITY;
  #context: StoreContext | undefined;

  constructor(client: KafkaClient, options: CheckedKafkaOptions) {
    this.#client = client;
    this.#options = options;
    const { transactionalId, transactionTimeoutMs: timeoutMs, deadLetterTopic } = options;
    this.#transactions = transactionsOf(client, WHERE)({ transactionalId, timeoutMs });
    this.#producers = new Opened(
      () => this.#transactions.producer(),
      async () => {},
    );
    this.registry = new KafkaSubscriptions((name) => this.#wires.has(name));
    this.deadLetters = noDeadLetters(deadLetterTopic);
    this.#parts = {
      options,
      deadLetterWire: new Wire('kafka', 'ce_', {}),
      transactions: this.#transactions,
      producers: this.#producers,
      ledgers: this.#ledgers,
      units: this.#units,
      remembers: new Set(options.remembers.map(({ name }) => name)),
      maxBytes: () => this.#maxBytes,
      wireOf: (topic) => this.#wireOf(topic),
    };
  }

  /** Checks the topic of dead letters, and fences a predecessor under the same transactional id. Rejects with `store-unavailable`. */
  async open(context: StoreContext): Promise<void> {
    this.#context = context;
    await this.#producers.get();
    await this.#transactions.partitionsOf(this.#options.deadLetterTopic);
  }

  async close(): Promise<void> {
    await this.#mutex.run(async () => {
      this.#context = undefined;
      this.#ledgers.clear();
      await this.#producers.close();
      await this.#transactions.close();
    });
  }

  /** One transaction after another. */
  commit(works: readonly Work<KafkaTransaction>[], options: CommitOptions): Promise<readonly Verdict[]> {
    return this.#mutex.run(() => commitGroup(new KafkaSession(this.#parts, options), works, options, this.#open));
  }

  resolve(unit: string): ReturnType<Store['resolve']> {
    return this.#mutex.run(() => this.#units.resolve(unit, () => this.#producers.get()));
  }

  async prune(): Promise<PruneReport> {
    return { inbox: 0, messages: 0, deadLetters: 0 };
  }

  route(options: KafkaRouteOptions = {}): Transport {
    const { name, maxMessageBytes, reading } = checkRouteOptions({ ...options, name: options.name ?? ROUTE }, this.#client);
    if (this.#wires.has(name))
      throw new SemelError(
        'duplicate-name',
        `kafkaTransactions().route: there is a route ${name} already; use that one for all topics that are alike, or give this one a \`name\``,
      );
    const wire = new Wire('kafka', 'ce_', options);
    this.#wires.set(name, wire);
    this.#maxBytes = Math.min(this.#maxBytes, maxMessageBytes);
    return Object.freeze({
      name,
      contract: routeContract(maxMessageBytes),
      publisher: new TransactionPublisher(),
      subscriber: new LedgerSubscriber(this.#client, wire, reading, (topic, subscription) => this.#ledgerOf(topic, subscription)),
    });
  }

  async #ledgerOf(topic: string, { consumer, from }: SubscribeOptions): Promise<GroupLedger> {
    if (this.#context === undefined)
      throw new SemelError('capability-missing', `topic ${topic} is carried by a route of kafkaTransactions(), so its consumers need that store; for another store use kafka()`);
    const last = new LastMessages([...this.#parts.remembers], this.#transactions);
    await last.check(topic);
    const ledger = new GroupLedger({ from, last, mutex: this.#mutex, settled: () => this.#producers.get() });
    this.#ledgers.set(consumer, ledger);
    return ledger;
  }

  get #open(): StoreContext {
    if (this.#context === undefined) throw new SemelError('store-closed', 'the store kafka is not open');
    return this.#context;
  }

  #wireOf(topic: string): Wire {
    const route = this.registry.routes.find((each) => each.topic === topic);
    if (route === undefined) throw lacks(`topic ${topic}, which has no route, and local topics`, 'give it a `route()` of the store');
    return this.#wires.get(route.name.slice(topic.length + 1)) as Wire;
  }
}
