import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askPostgres } from './postgres.ts';
import { launch } from './process.ts';
import type { Server, Service, Site } from './service.ts';
import { programOf } from './system-program.ts';

/** PgBouncer in transaction mode in front of a Postgres: whatever its clients ask for, they reach that server's database of the same name. */
export function pgbouncer(name: string, server: string): Service {
  return {
    name,
    needs: [server],
    stopSignal: 'SIGKILL',
    start: (site) => start(site.urls[server] ?? '', site),
    ask: askPostgres,
  };
}

async function start(server: string, { folder, port }: Site): Promise<Server> {
  const program = await programOf('pgbouncer', 'pgbouncer');
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, configuration(server, port));
  const url = new URL(server);
  url.host = `127.0.0.1:${port}`;
  url.search = '';
  return { pid: launch(program, [file], folder), url: url.href };
}

/** Its settings are its own defaults, but for the mode and the number of clients. */
export function configuration(server: string, port: number): string {
  const { hostname, port: serverPort, username, password } = new URL(server);
  const target = { host: hostname, port: serverPort || '5432', user: decodeURIComponent(username), password: decodeURIComponent(password) };
  const given = Object.entries(target).filter(([, value]) => value !== '');
  return [
    '[databases]',
    `* = ${given.map(([key, value]) => `${key}='${value.replaceAll("'", "''")}'`).join(' ')}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'max_client_conn = 1000',
    '',
  ].join('\n');
}
