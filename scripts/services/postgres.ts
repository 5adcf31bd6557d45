import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { postgresRelease } from './postgres-release.ts';
import { launch } from './process.ts';
import type { Server, Service, Site } from './service.ts';
import { unprivileged } from './unprivileged.ts';

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_connections: '200',
  max_wal_senders: '20',
  max_replication_slots: '20',
  fsync: 'on',
};

const CONNECT_MS = 2000;

/** A Postgres of a version that npm has (`installed` for the one of this project), with logical replication; its superuser needs no password. */
export function postgres(name: string, version: string, settings: Readonly<Record<string, string>> = {}): Service {
  return {
    name,
    needs: [],
    stopSignal: 'SIGQUIT',
    start: (site) => start(version, { ...SETTINGS, ...settings }, site),
    ask: askPostgres,
  };
}

/** Resolves where a database answers a query. */
export async function askPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end();
  }
}

async function start(version: string, settings: Readonly<Record<string, string>>, { folder, cache, port }: Site): Promise<Server> {
  const bin = join(await postgresRelease(version, cache), 'bin');
  const data = join(folder, 'data');
  if (!existsSync(data)) await initialise(bin, data);
  const options = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const pid = launch(join(bin, 'postgres'), ['-D', data, ...options], folder);
  return { pid, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

/** Makes a data directory, whole or not at all. Its files need not be safe yet: nothing was promised to anyone before the server runs. */
async function initialise(bin: string, data: string): Promise<void> {
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  await promisify(execFile)(join(bin, 'initdb'), ['-D', unfinished, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { cwd: '/', ...unprivileged() });
  renameSync(unfinished, data);
}
