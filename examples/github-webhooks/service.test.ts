import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Consumer } from 'semel';
import { proveOnce } from 'semel/prove';
import { expect, test } from 'vitest';
import { OwnDatabases } from '../own-databases.ts';
import { statisticsAt } from './databases/statistics-at.ts';
import type { GitHubDelivery } from './schema.ts';
import { createService } from './service.ts';

const SERVERS = { SQLite: '', Postgres: process.env['SEMEL_TEST_POSTGRES'] } as const;

function delivery(number: number, subject: string): GitHubDelivery {
  return { delivery: `72d3162e-cc78-11e3-81ab-4c9367dc095${number}`, event: 'push', subject, bytes: 100 + number, payload: {} };
}

for (const [database, server] of Object.entries(SERVERS)) {
  test.skipIf(server === undefined)(`each delivery is counted exactly once, whatever happens to it, in ${database}`, { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'semel-service-'));
    await using databases = new OwnDatabases(folder, server ?? '');
    const statistics = await statisticsAt(await databases.make('webhooks'));
    const [consumer] = createService(statistics).consumers;

    const report = await proveOnce({
      store: statistics.store,
      consumer: consumer as Consumer,
      messages: [delivery(1, 'octocat/hello-world'), delivery(2, 'octocat/hello-world'), delivery(3, 'octocat/spoon-knife')],
      prepare: (db) => statistics.createTable(db),
      effect: async (db) => (await statistics.read(db)).reduce((sum, { deliveries, bytes }) => sum + deliveries * 1_000 + bytes, 0), // both are added up
    });
    expect(report.ok, `${report}`).toBe(true);

    await statistics.close();
    rmSync(folder, { recursive: true });
  });
}
