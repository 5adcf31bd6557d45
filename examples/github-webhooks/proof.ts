/** `npx semel prove examples/github-webhooks/proof.ts` kills processes that keep the statistics. */
import { join } from 'node:path';
import type { Consumer } from 'semel';
import type { ProveOptions } from 'semel/prove';
import type { SqliteTransaction } from 'semel/sqlite';
import { sqliteStatistics } from './databases/sqlite.ts';
import type { GitHubDelivery } from './schema.ts';
import { createService } from './service.ts';

const statistics = sqliteStatistics('never-opened.db');
const [consumer] = createService(statistics).consumers;

/** What `semel prove` takes. */
export const proof: ProveOptions<SqliteTransaction> = {
  store: ({ folder }) => sqliteStatistics(join(folder, 'webhooks.db')).store,
  consumer: consumer as Consumer,
  messages: [delivery(1, 'octocat/hello-world'), delivery(2, 'octocat/hello-world'), delivery(3, 'octocat/spoon-knife')],
  prepare: async (db) => {
    await statistics.createTable(db);
    db.exec('delete from statistics');
  },
  effect: async (db) => (await statistics.read(db)).reduce((sum, { deliveries, bytes }) => sum + deliveries * 1_000 + bytes, 0), // both are added up
};

function delivery(number: number, subject: string): GitHubDelivery {
  return { delivery: `72d3162e-cc78-11e3-81ab-4c9367dc095${number}`, event: 'push', subject, bytes: 100 + number, payload: {} };
}
