import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { OwnPostgres } from '../../packages/semel/test/services/own-postgres.ts';
import type { TransportName } from '../own-broker.ts';

const MAIN = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source', join(import.meta.dirname, 'main.ts')];

/** One round with three kills on the Postgres server at an address, or, where that is empty, on SQLite; it must end well. */
export async function trial(store: string, ...options: readonly string[]): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [...MAIN, '--json', '--rounds', '1', '--kills', '3', '--seed', '1', ...options], {
    env: { ...process.env, SEMEL_STORE: store },
  });
  expect(JSON.parse(stdout)).toMatchObject({ seed: 1, kills: { receiver: 1, 'worker 1': 1, 'worker 2': 1 }, equal: true, passed: true, deadLetters: 0 });
}

/** A test for each of these brokers, before each of these databases. */
export function overBrokers(transports: readonly TransportName[], databases: readonly ('Postgres' | 'SQLite')[]): void {
  const pairs = transports.flatMap((transport) => databases.map((database) => ({ transport, database })));
  test.each(pairs)(
    'through $transport into $database: what was recorded of GitHub is counted once, though processes are killed',
    { timeout: 120_000 },
    async ({ transport, database }) => {
      await using server = database === 'Postgres' ? await OwnPostgres.start() : undefined;
      await trial(server?.url ?? '', '--transport', transport);
    },
  );
}
