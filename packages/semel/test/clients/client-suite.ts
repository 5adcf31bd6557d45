import { afterAll, beforeAll, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { conflictCases } from './cases/conflict-cases.ts';
import { harmCases } from './cases/harm-cases.ts';
import { killCases } from './cases/kill-cases.ts';
import { lostCommitCases } from './cases/lost-commit-cases.ts';
import { poolCases } from './cases/pool-cases.ts';
import { togetherCases } from './cases/together-cases.ts';
import { wayBackCases } from './cases/way-back-cases.ts';
import { ClientBench } from './client-bench.ts';
import type { ClientCase } from './client-case.ts';

const GROUPS: Readonly<Record<string, readonly ClientCase[]>> = {
  together: togetherCases,
  'the way back': wayBackCases,
  harm: harmCases,
  conflicts: conflictCases,
  'lost commits': lostCommitCases,
  kills: killCases,
  pool: poolCases,
};

/**
 * What the adapter of every client library promises, each with the real library on a real server.
 * @param module its {@link ClientModule}, by path: the processes that are killed load it too
 */
export function clientSuite(name: string, module: URL): void {
  describeWith('postgres', `a store on ${name}`, () => {
    let bench: ClientBench;

    beforeAll(async () => {
      bench = await ClientBench.open(module);
    });
    afterAll(() => bench?.close());

    for (const [group, cases] of Object.entries(GROUPS)) {
      for (const one of cases) {
        test(`${name}: ${group}: ${one.name}`, async () => {
          if (one.needs !== undefined && !one.needs(bench)) return; // the library cannot, so there is nothing to show
          await one.run(bench);
        });
      }
    }
  });
}
