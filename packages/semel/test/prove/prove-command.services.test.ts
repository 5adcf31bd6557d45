import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { database, type TestDatabase } from '../services/postgres.ts';
import { ProveCommand } from './prove-command.ts';

describeWith('postgres', 'semel prove on Postgres', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await database();
    process.env['PROVE_POSTGRES'] = db.url;
  });
  afterAll(() => db.drop());

  test('a sound handler is proven', { timeout: 180_000 }, async () => {
    using command = new ProveCommand();
    const { status, stdout } = await command.run('on-postgres', '--kills', '20', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'proven', store: 'postgres', control: 'repeated', kills: 20, stops: 10, violations: [] });
    expect(status).toBe(0);
  });
});
