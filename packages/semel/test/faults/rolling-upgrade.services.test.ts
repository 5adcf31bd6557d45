import pg from 'pg';
import { expect, test } from 'vitest';
import type { Duty } from '../crash/crew.ts';
import { PATIENT, underLoad } from './under-load.ts';
import { withDatabase } from './with-database.ts';

const NEXT: Duty = { preload: new URL('versions/next.ts', import.meta.url).href };

withDatabase('two versions of Semel on one schema', (url) => {
  test('the next version migrates the schema under the processes of this one: they go on beside it, and new ones of this version start', PATIENT, async () => {
    const admin = new pg.Pool({ connectionString: url(), max: 1 });
    const steps = async () =>
      (await admin.query('select (select max(version) from shop.schema_steps) as shop, (select max(version) from billing.schema_steps) as billing')).rows[0];

    await underLoad(url(), async ({ crew, pause }) => {
      await pause(500);
      expect(await steps()).not.toMatchObject({ shop: 1000 });
      const upgraded = await Promise.all([crew.started('shop', NEXT), crew.started('billing', NEXT)]);
      expect(await steps()).toEqual({ shop: 1000, billing: 1000 });
      const late = await crew.started('shop');
      await pause(500);
      for (const worker of [...upgraded, late]) expect([worker.exitCode, worker.signalCode]).toEqual([null, null]);
    });
    await admin.end();
  });
});
