import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** `SEMEL_STORE` does not lead to a Postgres server on which databases can be made. */
export class UnusableServer extends Error {}

/**
 * The databases of one run of an example: files in its folder, or, where `SEMEL_STORE` names a Postgres server, databases there, which are dropped at the
 * end. A run sees nothing of another, and nothing of yours.
 */
export class OwnDatabases implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: string | undefined;
  readonly #made: string[] = [];

  /** @throws UnusableServer where `server` is no address of Postgres */
  constructor(folder: string, server: string | undefined = process.env['SEMEL_STORE']) {
    this.#folder = folder;
    this.#server = server === undefined || server === '' ? undefined : requireAddress(server);
  }

  /** Makes an empty one. @returns its address: a path, or a URL */
  async make(name: string): Promise<string> {
    if (this.#server === undefined) return join(this.#folder, `${name}.db`);
    const unique = `semel_${name}_${randomBytes(6).toString('hex')}`;
    await execute(this.#server, `create database "${unique}"`);
    this.#made.push(unique);
    const url = new URL(this.#server);
    url.pathname = `/${unique}`;
    return url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#made) await execute(this.#server as string, `drop database if exists "${name}" with (force)`);
  }
}

function requireAddress(server: string): string {
  if (/^postgres(ql)?:/.test(server) && URL.canParse(server)) return server;
  throw new UnusableServer('SEMEL_STORE must be the address of a Postgres server, like postgres://postgres@127.0.0.1:5432/postgres; leave it out for SQLite');
}

async function execute(server: string, statement: string): Promise<void> {
  const { default: pg } = await import('pg'); // only who asked for Postgres needs it
  const client = new pg.Client({ connectionString: server });
  try {
    await client.connect();
    await client.query(statement);
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    throw new UnusableServer(`SEMEL_STORE: on the Postgres server at ${new URL(server).host} this failed: ${statement}: ${message || code}`, { cause: error });
  } finally {
    await client.end();
  }
}
