import type { Command } from 'commander';
import type { Act } from '../../invocation.ts';
import { type BulkOptions, bulk, bulkCommand } from './bulk.ts';

/** `semel dead redrive`: sends dead letters back, with their identity, attempts from zero. */
export function addRedrive(dead: Command, act: Act): void {
  const command = dead.command('redrive').description('send dead letters back to their consumer, attempts from zero');
  bulkCommand(command, 'redrive').action(
    act<BulkOptions, [(readonly number[])?]>((invocation) => bulk(invocation, { verb: 'redrive', done: 'redriven', run: (letters, id) => letters.redrive(id) })),
  );
}
