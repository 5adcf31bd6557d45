import type { Command } from 'commander';
import type { Replay } from '../../core/store.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { type Column, table } from '../output/table.ts';
import { withStore } from '../with-store.ts';
import { replaysOf } from './replay.ts';

/** `semel replays`: what was replayed, by whom, and why. */
export function addReplays(program: Command, act: Act): void {
  program
    .command('replays')
    .description('list what was replayed, by whom, and why')
    .option('--consumer <name>', 'only those of one consumer or route')
    .action(
      act<{ readonly consumer?: string }>(async ({ world, options: { consumer }, target, print }) => {
        const store = target();
        const replays = await withStore(store.existing(), world, (open) => replaysOf(open).list(consumer === undefined ? {} : { consumer }));
        print({ json: { store: store.address, replays }, text: () => (replays.length === 0 ? 'No replays.\n' : table(COLUMNS, replays.map(rowOf))) });
        return EXIT_CODES.ok;
      }),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'AT' },
  { title: 'CONSUMER' },
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'IDS', align: 'right' },
  { title: 'MESSAGES', align: 'right' },
  { title: 'BY' },
  { title: 'REASON' },
];

function rowOf({ id, atMs, consumer, fromMs, toMs, ids, messages, by, reason }: Replay): readonly (string | number)[] {
  return [id, timeOf(atMs), consumer, timeOf(fromMs), timeOf(toMs), ids?.length ?? 'all', messages, by, reason];
}

/** To the second: that is how ranges are named. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
