import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProveOptions } from 'semel/prove';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { charge, proofOf } from './orders.ts';

/** Another one in each process. */
const folder = mkdtempSync(join(tmpdir(), 'apart-'));

export const proof: ProveOptions<SqliteTransaction> = proofOf(charge, { store: () => sqlite(join(folder, 'shop.db')) });
