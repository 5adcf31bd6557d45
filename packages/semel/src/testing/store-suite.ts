import type { StoreCapabilities } from '../core/store.ts';
import { capabilityCases } from './store-suite/capability-cases.ts';
import { commitCases } from './store-suite/commit-cases.ts';
import { deadLetterCases } from './store-suite/dead-letter-cases.ts';
import { delayCases } from './store-suite/delay-cases.ts';
import { inboxCases } from './store-suite/inbox-cases.ts';
import { leaseCases } from './store-suite/lease-cases.ts';
import { orderCases } from './store-suite/order-cases.ts';
import { positionCases } from './store-suite/position-cases.ts';
import { pruneCases } from './store-suite/prune-cases.ts';
import { registryCases } from './store-suite/registry-cases.ts';
import { replayCases } from './store-suite/replay-cases.ts';
import { scopeCases } from './store-suite/scope-cases.ts';
import { sharingCases } from './store-suite/sharing-cases.ts';
import { stageCases } from './store-suite/stage-cases.ts';
import { StoreBench } from './store-suite/store-bench.ts';
import type { StoreCase } from './store-suite/store-case.ts';
import type { StoreFixture } from './store-suite/store-fixture.ts';
import { suspectCases } from './store-suite/suspect-cases.ts';

export type { StoreFixture } from './store-suite/store-fixture.ts';

/** How a runner takes a test: vitest's `test`, that of `node:test`, mocha's `it`. */
export type SuiteTest = (name: string, run: () => Promise<void>) => unknown;

/** Options of {@link storeSuite}. */
export interface StoreSuiteOptions<Tx> {
  readonly test: SuiteTest;
  /** Stands before the name of each test. */
  readonly name: string;
  /** What the store declares: decides which tests there are. */
  readonly capabilities: StoreCapabilities;
  /** Makes a store on empty data, for one test. */
  create(): Promise<StoreFixture<Tx>>;
}

const GROUPS: Readonly<Record<string, readonly StoreCase[]>> = {
  capabilities: capabilityCases,
  commit: commitCases,
  scope: scopeCases,
  inbox: inboxCases,
  stage: stageCases,
  registry: registryCases,
  leases: leaseCases,
  suspects: suspectCases,
  order: orderCases,
  delays: delayCases,
  positions: positionCases,
  'dead letters': deadLetterCases,
  replays: replayCases,
  prune: pruneCases,
  sharing: sharingCases,
};

/**
 * The admission test of every store: registers a test for each promise of {@link Store} that its capabilities include, and for the
 * refusal of what they exclude. The suite reads capabilities, never names.
 *
 * @example
 * storeSuite({ test, name: 'my store', capabilities: myStore(…).capabilities, create: async () => ({ … }) });
 */
export function storeSuite<Tx>({ test, name, capabilities, create }: StoreSuiteOptions<Tx>): void {
  for (const [group, cases] of Object.entries(GROUPS)) {
    for (const one of cases) {
      if (one.needs !== undefined && !one.needs(capabilities)) continue;
      test(`${name}: ${group}: ${one.name}`, () => runCase(one, create));
    }
  }
}

async function runCase<Tx>(one: StoreCase, create: () => Promise<StoreFixture<Tx>>): Promise<void> {
  const bench = await StoreBench.open((await create()) as StoreFixture);
  try {
    await one.run(bench);
  } finally {
    await bench.close();
  }
}
