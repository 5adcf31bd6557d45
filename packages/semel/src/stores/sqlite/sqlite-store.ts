import { commitGroup } from '../../core/commit-group.ts';
import type { CommitOptions, PruneOptions, PruneReport, Retention, Stage, Store, StoreCapabilities, StoreContext, Verdict, Work } from '../../core/store.ts';
import { CommittedUnits } from './committed-units.ts';
import { SqliteDeadLetters } from './dead-letters.ts';
import { enlist } from './enlist.ts';
import { SqliteInbox } from './inbox.ts';
import { SqlitePositions } from './positions.ts';
import { prune } from './prune.ts';
import { SqliteQueue } from './queue.ts';
import { SqliteRegistry } from './registry.ts';
import { SqliteReplays } from './replays.ts';
import { SqliteFile } from './sqlite-file.ts';
import { checkPath, type SqliteOptions, sqliteSettings } from './sqlite-options.ts';
import { SqliteSession } from './sqlite-session.ts';
import type { SqliteTransaction } from './transaction-handle.ts';

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

/** The roles of a store on one SQLite file. */
export class SqliteStore implements Store<SqliteTransaction> {
  readonly name = 'sqlite';
  readonly capabilities: StoreCapabilities = CAPABILITIES;
  readonly inbox: SqliteInbox;
  readonly registry: SqliteRegistry;
  readonly deadLetters: SqliteDeadLetters;
  readonly queue: SqliteQueue;
  readonly positions: SqlitePositions;
  readonly replays: SqliteReplays;
  readonly #file: SqliteFile;
  readonly #units = new CommittedUnits();

  constructor(path: string, options: SqliteOptions) {
    checkPath(path);
    this.#file = new SqliteFile(path, sqliteSettings(options));
    this.inbox = new SqliteInbox(this.#file);
    this.registry = new SqliteRegistry(this.#file);
    this.deadLetters = new SqliteDeadLetters(this.#file);
    this.queue = new SqliteQueue(this.#file);
    this.positions = new SqlitePositions(this.#file);
    this.replays = new SqliteReplays(this.#file);
  }

  open(context: StoreContext): Promise<void> {
    return this.#file.open(context);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** All works share one transaction. */
  async commit(works: readonly Work<SqliteTransaction>[], options: CommitOptions): Promise<readonly Verdict[]> {
    return commitGroup(new SqliteSession(this.#file, options, this.#units), works, options, this.#file.context);
  }

  /** A COMMIT of SQLite answers in this process, or the process is gone: its fate is never open. */
  async resolve(unit: string): Promise<'committed' | 'aborted'> {
    return this.#units.has(unit) ? 'committed' : 'aborted';
  }

  enlist(tx: unknown): Stage {
    return enlist(this.#file, tx);
  }

  prune(retention: Partial<Retention>, options?: PruneOptions): Promise<PruneReport> {
    return prune(this.#file, retention, options);
  }
}
