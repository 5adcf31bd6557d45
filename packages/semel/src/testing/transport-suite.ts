import type { Transport } from '../core/transport.ts';
import type { SuiteTest } from './store-suite.ts';
import { contractCases } from './transport-suite/contract-cases.ts';
import { feedCases } from './transport-suite/feed-cases.ts';
import { positionCases } from './transport-suite/position-cases.ts';
import { publishCases } from './transport-suite/publish-cases.ts';
import { settleCases } from './transport-suite/settle-cases.ts';
import { TransportBench } from './transport-suite/transport-bench.ts';
import type { TransportCase } from './transport-suite/transport-case.ts';
import type { TransportFixture } from './transport-suite/transport-fixture.ts';

export type { TransportFixture } from './transport-suite/transport-fixture.ts';

/** Options of {@link transportSuite}. */
export interface TransportSuiteOptions {
  readonly test: SuiteTest;
  /** Stands before the name of each test. */
  readonly name: string;
  /** The contract and the sides of the transport: decide which tests there are. */
  readonly transport: Transport;
  /** Makes a transport with an empty topic, for one test. */
  create(): Promise<TransportFixture>;
}

const GROUPS: Readonly<Record<string, readonly TransportCase[]>> = {
  contract: contractCases,
  publish: publishCases,
  settle: settleCases,
  positions: positionCases,
  feeds: feedCases,
};

/**
 * The admission test of every transport: registers a test for each promise of {@link Publisher}, {@link Subscriber} and {@link Feed}
 * that its contract includes. The suite reads contracts, never names.
 *
 * @example
 * transportSuite({ test, name: 'my broker', transport: myBroker(…), create: async () => ({ … }) });
 */
export function transportSuite({ test, name, transport, create }: TransportSuiteOptions): void {
  for (const [group, cases] of Object.entries(GROUPS)) {
    for (const one of cases) {
      if (!applies(one, transport)) continue;
      test(`${name}: ${group}: ${one.name}`, () => runCase(one, create));
    }
  }
}

function applies({ needs, sides }: TransportCase, { contract, publisher, subscriber }: Transport): boolean {
  if (publisher === undefined && sides !== 'none' && sides !== 'subscriber') return false;
  if (subscriber === undefined && sides !== 'none') return false;
  return needs === undefined || needs(contract);
}

async function runCase(one: TransportCase, create: () => Promise<TransportFixture>): Promise<void> {
  const bench = new TransportBench(await create());
  try {
    await one.run(bench);
  } finally {
    await bench.close();
  }
}
