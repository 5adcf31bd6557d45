import { expect, test } from 'vitest';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { GOOD } from '../../../src/cli/shop-fixture.ts';
import { describeWith, serviceUrl } from '../../services/describe-with.ts';
import { PostgresShop } from '../postgres-shop.ts';
import { diagnose, run } from './diagnosis.ts';

for (const name of ['postgres-15', 'postgres-16', 'postgres-17', 'postgres'] as const) {
  describeWith(name, `doctor on ${name}`, () => {
    test('goes through every check, and finds nothing wrong with a store in order', async () => {
      await using shop = await (await PostgresShop.open(serviceUrl(name))).sell(GOOD);
      const { findings } = (await shop.json('doctor')) as { readonly findings: readonly Finding[] };
      expect(findings.filter(({ level, check }) => level !== 'ok' && check !== 'connections')).toEqual([]); // others use the server, too
      expect(findings.at(-1)?.check).toBe('pauses');
    });

    test('reads its catalogs: an index and a column that are gone are told and made again', async () => {
      await using shop = await (await PostgresShop.open(serviceUrl(name))).sell();
      await shop.alter('drop index semel.queue_due; alter table semel.inbox drop column result; alter table semel.messages alter seq drop identity');
      const drift = await diagnose(shop, 'drift');
      expect(drift.level).toBe('fail');
      await run(shop, ...drift.commands);
      expect(await diagnose(shop, 'drift')).toMatchObject({ level: 'ok' });
    });
  });
}
