import type { Command } from 'commander';
import type { Act } from '../../invocation.ts';
import { type BulkOptions, bulk, bulkCommand } from './bulk.ts';

/** `semel dead discard`: forgets dead letters; a late redelivery of one stays out, and a key that it held goes on. */
export function addDiscard(dead: Command, act: Act): void {
  const command = dead.command('discard').description('forget dead letters; keys that they held go on');
  bulkCommand(command, 'discard').action(
    act<BulkOptions, [(readonly number[])?]>((invocation) => bulk(invocation, { verb: 'discard', done: 'discarded', run: (letters, id) => letters.discard(id) })),
  );
}
