/** A process that prunes, and ends itself with SIGKILL at a boundary: `pruner.ts <address of the store> <directory> <boundary>`. */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';
import pg from 'pg';
import { archiveDirectory } from 'semel';
import { shopOn } from './shop.ts';

const [address, directory, boundary] = process.argv.slice(2) as [string, string, string];
/** Removals that the archive allowed so far; none is looked for before. */
let removals = Number.NaN;

if (boundary === 'before the rename') {
  fs.rename = die;
  syncBuiltinESMExports();
}
killBeforeCommits();
killAfterDeletesAreSent();

const intoDirectory = archiveDirectory(directory);
const { semel, close } = shopOn(address, async (messages) => {
  if (boundary === 'before the write') await die();
  await intoDirectory(messages);
  if (boundary === 'before the removal') await die();
  removals = 0;
});
await semel.prune();
await close();

/** SQLite: the first removal is made, and not committed; or the second. */
function killBeforeCommits(): void {
  const { run } = StatementSync.prototype;
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    if (this.sourceSQL === 'commit') dieInRemoval();
    return run.apply(this, values);
  } as typeof run;
}

/** Postgres: the first removal is sent, and not committed; or the second. */
function killAfterDeletesAreSent(): void {
  const query = pg.Client.prototype.query as (this: pg.Client, ...given: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const answer = query.apply(this, given);
    const { text = '' } = (given[0] ?? {}) as { readonly text?: string };
    if (text.includes('delete from')) setImmediate(dieInRemoval);
    return answer;
  } as typeof pg.Client.prototype.query;
}

function dieInRemoval(): void {
  removals += 1;
  if (boundary === ['in the removal', 'in the second removal'][removals - 1]) void die();
}

function die(): Promise<void> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {}); // nothing more happens, even where the signal takes a moment
}
