import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { TransportName } from '../own-broker.ts';

const MAIN = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', join(import.meta.dirname, 'main.ts')];

/** A test for each of these brokers. */
export function overBrokers(transports: readonly TransportName[]): void {
  test.each(transports)('over %s, whose server is killed in each column, it loses and repeats in the controls, and never with Semel', { timeout: 120_000 }, async (transport) => {
    const options = ['--transport', transport, '--json', '--messages', '60', '--kills', '4', '--seed', '1'];
    const { stdout } = await promisify(execFile)(process.execPath, [...MAIN, ...options], { env: { ...process.env, SEMEL_STORE: '' } });
    const { runs } = JSON.parse(stdout);
    expect(runs).toMatchObject([
      { mode: 'acknowledge-first', messages: 60, serverKills: 1, exact: false },
      { mode: 'acknowledge-after', messages: 60, serverKills: 1, exact: false },
      { mode: 'semel', messages: 60, serverKills: 1, lost: 0, duplicated: 0, exact: true },
    ]);
    expect(runs[0].lost).toBeGreaterThanOrEqual(2); // of the three that are killed at a chosen step: an acknowledgement may have gone with the server
    expect(runs[1].duplicated).toBeGreaterThanOrEqual(3 + 3); // those three, and three that were published twice
    for (const { kills, deliveries } of runs) {
      expect(kills).toBeGreaterThanOrEqual(3);
      expect(deliveries).toBeGreaterThanOrEqual(60 + 3);
    }
  });
}
