import type { OutboxRoute, Queue } from '../../../core/store.ts';
import type { Feed } from '../../../core/transport.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import type { PostgresWalRelay } from '../postgres-options.ts';
import { preparePublication } from './publication.ts';
import { StreamedQueue } from './streamed-queue.ts';
import { WalFeed } from './wal-feed.ts';
import { WalStream } from './wal-stream.ts';

/** The modes of the relay that read the server's log: one stream for all routes of a store. */
export class LogRelay {
  readonly #database: PostgresDatabase;
  readonly #queue: Queue;
  readonly #mode: PostgresWalRelay['mode'];
  readonly #stream: WalStream;

  constructor(database: PostgresDatabase, queue: Queue, { mode, replication, connection }: PostgresWalRelay) {
    this.#database = database;
    this.#queue = queue;
    this.#mode = mode;
    this.#stream = new WalStream(database, replication, connection);
  }

  /** See {@link preparePublication}. */
  open(): Promise<void> {
    return preparePublication(this.#database);
  }

  /** Lets go of the slot. */
  close(): Promise<void> {
    return this.#stream.close();
  }

  /** What feeds a route. */
  feed(route: OutboxRoute): Feed {
    const queue = new StreamedQueue(this.#database, this.#queue, this.#stream, route.topic);
    return new WalFeed(queue, this.#stream, route, this.#database.context.runtime, this.#mode === 'wal');
  }
}
