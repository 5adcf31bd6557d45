import pg from 'pg';
import { type PostgresOptions, type PostgresTransaction, postgres } from 'semel/postgres';
import type { Store } from '../../src/core/store.ts';
import { StoreBench } from '../../src/testing/store-suite/store-bench.ts';
import { database } from '../services/postgres.ts';

/** A store in a database of its own, on the server's own clock. */
export interface PostgresBench extends AsyncDisposable {
  readonly bench: StoreBench;
  /** Connections of which the store knows nothing. */
  readonly admin: pg.Pool;
  /** The store's connections. */
  readonly pool: pg.Pool;
  /** What these sent, and how it was answered, in the order of time. */
  readonly sent: readonly Sent[];
}

/** A statement, when it was sent; then once more, when it was answered. */
export interface Sent {
  readonly text: string;
  readonly answer: 'none yet' | 'success' | { readonly sqlState: unknown };
}

/** Keeps a connection of its own busy with what the statements do, such as a lock, until it is disposed of. */
export async function holding(admin: pg.Pool, statements: string): Promise<AsyncDisposable> {
  const client = await admin.connect();
  await client.query(statements);
  let held = true;
  return {
    [Symbol.asyncDispose]: async () => {
      if (held) client.release(true);
      held = false;
    },
  };
}

/** What is special about a bench. */
export interface BenchOptions extends PostgresOptions {
  /** Of the store's pool. */
  readonly config?: pg.PoolConfig;
  /** Another way to the database, such as a proxy, for the store's pool. */
  readonly through?: (url: string) => string;
}

/** Makes the database, with a table `effects (key text)`. */
export async function postgresBench({ config, through = (url) => url, ...options }: BenchOptions = {}): Promise<PostgresBench> {
  const db = await database();
  const admin = new pg.Pool({ connectionString: db.url });
  const pool = new pg.Pool({ connectionString: through(db.url), max: 20, idleTimeoutMillis: 0, ...config });
  for (const each of [admin, pool]) each.on('error', () => {}); // `end` resolves before the last connection is gone, and `drop` terminates it
  const sent = record(pool);
  await admin.query('create table effects (key text)');
  const open = (): Store<PostgresTransaction> => postgres(pool, { migrate: true, ...options });
  const bench = await StoreBench.open({
    store: open(),
    another: open,
    effects: {
      write: async (tx, key) => void (await (tx as PostgresTransaction).query('insert into effects values ($1)', [key])),
      list: async () => (await admin.query('select key from effects')).rows.map(({ key }) => String(key)),
    },
    close: async () => {},
  });
  const close = async (): Promise<void> => {
    await bench.close();
    await Promise.all([pool.end(), admin.end()]);
    await db.drop();
  };
  return { bench, admin, pool, sent, [Symbol.asyncDispose]: close };
}

function record(pool: pg.Pool): readonly Sent[] {
  const sent: Sent[] = [];
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown> | undefined;
    client.query = ((...given: unknown[]) => {
      const [config] = given as [string | { readonly text: string }];
      const text = typeof config === 'string' ? config : config.text;
      sent.push({ text, answer: 'none yet' });
      const answer = query(...given);
      answer?.then(
        () => sent.push({ text, answer: 'success' }),
        (error: { readonly code?: unknown }) => sent.push({ text, answer: { sqlState: error.code } }),
      );
      return answer;
    }) as typeof client.query;
  });
  return sent;
}
