import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSemel, type Semel } from 'semel';
import { proveOnce } from 'semel/prove';
import { expect, it } from 'vitest';
import { OwnDatabases } from '../own-databases.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import { payments } from './payments.ts';
import { consumePayments } from './semel-worker.ts';

const SERVERS = { SQLite: '', Postgres: process.env['SEMEL_TEST_POSTGRES'] } as const;

for (const [database, server] of Object.entries(SERVERS)) {
  it.skipIf(server === undefined)(`charges each payment exactly once, whatever happens to it, in ${database}`, { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'semel-demo-'));
    await using databases = new OwnDatabases(folder, server ?? '');
    const ledger = await ledgerOf(await databases.make('ledger'));
    await ledger.create();

    const store = await ledger.store();
    const consumer = consumePayments(createSemel({ name: 'shop', store }) as Semel<unknown>, ledger);
    const charged = async () => (await ledger.count()).flatMap(({ payment, times }) => Array<string>(times).fill(payment));
    const report = await proveOnce({ store, consumer, messages: payments(2), effect: charged });
    expect(report.ok, `${report}`).toBe(true);

    await ledger.close();
    rmSync(folder, { recursive: true });
  });
}
