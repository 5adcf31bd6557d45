import { randomBytes } from 'node:crypto';
import { connected } from './tables.ts';

/** A database of one contender. */
export class Database {
  readonly url: string;
  readonly #server: string;

  private constructor(server: string, name: string) {
    const url = new URL(server);
    url.pathname = `/${name}`;
    this.url = url.href;
    this.#server = server;
  }

  /** Makes an empty one on the server. */
  static async create(server: string): Promise<Database> {
    const name = `semel_bench_${randomBytes(6).toString('hex')}`;
    await execute(server, `create database ${name}`);
    return new Database(server, name);
  }

  /** Brings the planner's statistics up to date, and starts the log anew: whole pages are written once after that, for everyone alike. */
  async settle(): Promise<void> {
    await execute(this.url, 'analyze', 'checkpoint');
  }

  /** Drops it, with what is left of its connections. */
  drop(): Promise<void> {
    return execute(this.#server, `drop database ${new URL(this.url).pathname.slice(1)} with (force)`);
  }
}

async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  const client = await connected(url);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
