import { commitGroup } from '../../core/commit-group.ts';
import type { CommitOptions, OutboxRoute, PruneOptions, PruneReport, Retention, Stage, Store, StoreCapabilities, StoreContext, Verdict, Work } from '../../core/store.ts';
import type { Feed } from '../../core/transport.ts';
import { PostgresDeadLetters } from './dead-letters.ts';
import type { Driver } from './driver.ts';
import { enlist } from './enlist.ts';
import { PostgresInbox } from './inbox.ts';
import { checkPool } from './pool-check.ts';
import { PostgresPositions } from './positions.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { type PostgresOptions, postgresSettings } from './postgres-options.ts';
import { onceOpen, PostgresSession } from './postgres-session.ts';
import { prune } from './prune.ts';
import { PostgresQueue } from './queue.ts';
import { PostgresRegistry } from './registry.ts';
import { PostgresReplays } from './replays.ts';
import { Sql } from './sql.ts';
import { UnresolvedUnits } from './unresolved-units.ts';
import { LogRelay } from './wal/log-relay.ts';

const CAPABILITIES: StoreCapabilities = Object.freeze({
  transactions: 'interactive',
  durable: true,
  shared: true,
  enlist: true,
  inbox: true,
  queue: true,
  positions: true,
  journal: false,
  replays: true,
});

/** The roles of a store in one schema of a Postgres database. */
export class PostgresStore<Tx> implements Store<Tx> {
  readonly name = 'postgres';
  readonly capabilities: StoreCapabilities = CAPABILITIES;
  readonly inbox: PostgresInbox;
  readonly registry: PostgresRegistry;
  readonly deadLetters: PostgresDeadLetters;
  readonly queue: PostgresQueue;
  readonly positions: PostgresPositions;
  readonly replays: PostgresReplays;
  readonly outboxFeed?: (route: OutboxRoute) => Feed;
  readonly #database: PostgresDatabase<Tx>;
  readonly #units = new UnresolvedUnits();
  readonly #logRelay: LogRelay | undefined;

  /** @param clock gives the SQL of the current time; for tests, which let time pass as they please */
  constructor(driver: Driver<Tx>, where: string, options: PostgresOptions, clock?: () => string) {
    const settings = postgresSettings(where, options);
    this.#database = new PostgresDatabase(driver, settings, new Sql(settings.schema, clock));
    this.inbox = new PostgresInbox(this.#database);
    this.registry = new PostgresRegistry(this.#database);
    this.deadLetters = new PostgresDeadLetters(this.#database);
    this.queue = new PostgresQueue(this.#database);
    this.positions = new PostgresPositions(this.#database);
    this.replays = new PostgresReplays(this.#database);
    const logRelay = settings.relay.mode === 'poll' ? undefined : new LogRelay(this.#database, this.queue, settings.relay);
    this.#logRelay = logRelay;
    if (logRelay !== undefined) this.outboxFeed = (route) => logRelay.feed(route);
  }

  async open(context: StoreContext): Promise<void> {
    await this.#database.open(context);
    await this.#logRelay?.open();
  }

  async close(): Promise<void> {
    await this.#logRelay?.close();
    await this.#database.close();
  }

  /** All works share one transaction. */
  async commit(works: readonly Work<Tx>[], options: CommitOptions): Promise<readonly Verdict[]> {
    const { context } = this.#database;
    const hasItems = works.some(({ items }) => items.length > 0);
    if (works.length === 0) return [];
    const session = new PostgresSession(this.#database, options, hasItems, this.#units);
    return this.#database.during(() => commitGroup(session, works.map(onceOpen), options, context));
  }

  async resolve(unit: string): Promise<'committed' | 'aborted' | 'unknown'> {
    return this.#units.resolve(unit, this.#database.pool);
  }

  enlist(tx: unknown): Stage {
    return enlist(this.#database, tx);
  }

  checkCapacity(transactions: number): void {
    checkPool(this.#database.driver, transactions, this.#database.wake.listens);
  }

  prune(retention: Partial<Retention>, options?: PruneOptions): Promise<PruneReport> {
    return prune(this.#database, retention, options);
  }
}
