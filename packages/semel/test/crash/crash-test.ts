import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, type ServiceName, serviceUrl } from '../services/describe-with.ts';
import { database, type TestDatabase, through } from '../services/postgres.ts';
import { runCrashScenario, schedule } from './scenario.ts';

/** The seed of this run's crash tests: `CRASH_SEED`, or chance. */
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** The short form of the suite, as a test. @param store gives that of the scenario, which holds nothing yet */
export function crashTest(store: () => string): void {
  test(`killed at every boundary and at random: one effect, one record, every message published, keys in order (seed ${seed})`, { timeout: 240_000 }, async () => {
    const report = await runCrashScenario({ store: store(), messages: 150, randomKills: 6, seed });
    expect(report.faults).toEqual([]);
    expect(report.boundaryKills).toEqual(schedule().map(({ role, killAt }) => `${role}:${killAt}`));
    expect(report.placed).toBeGreaterThan(100);
  });
}

/** The same on a server, or through the pooler in front of one. */
export function postgresCrashTest(service: ServiceName): void {
  describeWith(service, `crash suite on ${service}`, () => {
    const pooler = service === 'pgbouncer' ? serviceUrl(service) : undefined;
    let db: TestDatabase;

    beforeAll(async () => {
      db = await database(serviceUrl(pooler === undefined ? service : 'postgres'));
    });
    afterAll(() => db.drop());
    crashTest(() => (pooler === undefined ? db.url : through(pooler, db.url)));
  });
}
