import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type ClientBench, EVERYTHING, NOTHING } from '../client-bench.ts';
import type { ClientCase } from '../client-case.ts';
import { Shop } from '../shop.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];
const BOUNDARIES = ['claimed', 'handled', 'staged', 'committing', 'committed'];

/** A process is killed at each boundary. */
export const killCases: readonly ClientCase[] = [
  {
    name: `SIGKILL at ${BOUNDARIES.join(', ')}: all is there or nothing, and a second run completes it`,
    async run(bench) {
      const signals = await Promise.all(BOUNDARIES.map((boundary) => killedAt(bench, boundary)));
      expect(signals).toEqual(BOUNDARIES.map(() => 'SIGKILL'));
      for (const boundary of BOUNDARIES) expect(await bench.trace(saleAt(boundary))).toEqual(boundary === 'committed' ? EVERYTHING : NOTHING);
      const shop = Shop.handling(bench.client.store, bench.sell, { name: 'killed' });
      expect(await shop.process(...BOUNDARIES.map(saleAt))).toEqual(BOUNDARIES.map((boundary) => (boundary === 'committed' ? 'duplicate' : 'done')));
      for (const boundary of BOUNDARIES) expect(await bench.trace(saleAt(boundary))).toEqual(EVERYTHING);
    },
  },
];

const saleAt = (boundary: string) => `killed at ${boundary}`;

/** The signal that ended a process which handles one sale. */
async function killedAt({ modulePath, url }: ClientBench, boundary: string): Promise<unknown> {
  const child = spawn(process.execPath, [...FLAGS, join(import.meta.dirname, '../killed-worker.ts'), modulePath, url, boundary, saleAt(boundary)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = await once(child, 'exit');
  return signal;
}
