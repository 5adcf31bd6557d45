import type { Command } from 'commander';
import { archiveDirectory } from '../../archive/archive-directory.ts';
import { SemelError } from '../../core/errors.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { durationValue } from '../option-values.ts';
import { table } from '../output/table.ts';
import { withStore } from '../with-store.ts';

interface PruneOptions {
  readonly inbox?: number;
  readonly messages?: number;
  readonly deadLetters?: number;
  readonly archive?: string;
}

/**
 * `semel prune`: removes what is past its retention. Nothing is removed that was not named: the command cannot know the retention that
 * the service runs with, and a shorter one would forget records while their duplicates can still come.
 */
export function addPrune(program: Command, act: Act): void {
  program
    .command('prune')
    .description('remove what is older than you say, and only that')
    .option('--inbox <age>', 'records of handled messages: a duplicate that comes later is handled again', durationValue)
    .option('--messages <age>', 'messages that everybody is done with', durationValue)
    .option('--dead-letters <age>', 'dead letters, which nobody can redrive then', durationValue)
    .option('--archive <directory>', 'write the messages to a file there before they are removed')
    .action(
      act<PruneOptions>(async ({ world, options, target, print }) => {
        const { inbox, messages, deadLetters, archive } = options;
        if (inbox === undefined && messages === undefined && deadLetters === undefined) {
          throw new SemelError('bad-option', 'prune removes only what is named: give --inbox, --messages or --dead-letters, each with an age such as 30d');
        }
        if (archive !== undefined && messages === undefined) throw new SemelError('bad-option', 'an archive takes messages: give --messages too, with an age such as 7d');
        const retention = {
          ...(inbox === undefined ? {} : { inboxMs: inbox }),
          ...(messages === undefined ? {} : { messagesMs: messages }),
          ...(deadLetters === undefined ? {} : { deadLettersMs: deadLetters }),
        };
        const store = target();
        const removed = await withStore(store.existing(), world, (open) => open.prune(retention, archive === undefined ? {} : { archive: archiveDirectory(archive) }));
        print({
          json: { store: store.address, removed },
          text: () =>
            table(
              [{ title: 'REMOVED' }, { title: 'ROWS', align: 'right' }],
              [
                ['inbox', removed.inbox],
                ['messages', removed.messages],
                ['dead letters', removed.deadLetters],
              ],
            ),
        });
        return EXIT_CODES.ok;
      }),
    );
}
