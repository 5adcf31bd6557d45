import type { Command } from 'commander';
import { SemelError } from '../../core/errors.ts';
import type { ReplayRange, Replays, Store } from '../../core/store.ts';
import { replayRequestOf } from '../../replay-options.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Act, Invocation } from '../invocation.ts';
import { timeValue, words } from '../option-values.ts';
import { counted } from '../output/counted.ts';
import { withStore } from '../with-store.ts';

interface ReplayOptions {
  readonly from: Date;
  readonly to?: Date;
  readonly id?: readonly string[];
  readonly by: string;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `semel replay`: a consumer handles a range of messages again, on purpose, and it is recorded who wanted it. */
export function addReplay(program: Command, act: Act): void {
  program
    .command('replay')
    .description('have a consumer handle a range of messages again: their effects are made once more')
    .argument('<consumer>', 'its name, or that of a route')
    .requiredOption('--from <time>', 'messages published at this time (2026-03-01T12:00:00Z) or later', timeValue)
    .option('--to <time>', 'and before this one; else now', timeValue)
    .option('--id <id>', 'of these only this message; may be given several times', words)
    .requiredOption('--by <name>', 'who wants it, for the record')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--dry-run', 'only say how many it would be')
    .option('--yes', 'really do it')
    .action(act<ReplayOptions, [string]>(replay));
}

/** Counted first, so that nobody repeats effects without having seen how many. */
async function replay({ world, options, args, target, print }: Invocation<ReplayOptions, [string]>): Promise<ExitCode> {
  const { from, to, id, by, reason, dryRun = false, yes } = options;
  const request = replayRequestOf(args[0], { from, by, reason, ...(to === undefined ? {} : { to }), ...(id === undefined ? {} : { ids: id }) });
  const place = target();
  return withStore(place.existing(), world, async (store) => {
    const replays = replaysOf(store);
    const messages = await replays.count(request);
    const begin = messages > 0 && !dryRun;
    if (begin && !yes) throw unconfirmed(messages, request);
    const made = begin ? await replays.replay(request) : undefined;
    print({
      json: { store: place.address, dryRun, consumer: request.consumer, messages: made?.messages ?? messages, ...(made === undefined ? {} : { replay: made }) },
      text: () => textOf(request, messages, made),
    });
    return EXIT_CODES.ok;
  });
}

/** The role, which every store that the command line opens has. */
export function replaysOf({ replays, name }: Store): Replays {
  if (replays === undefined) throw new SemelError('capability-missing', `the store ${name} cannot replay`);
  return replays;
}

function textOf({ consumer }: ReplayRange, count: number, made: { readonly id: number; readonly messages: number } | undefined): string {
  if (made !== undefined) return `replay ${made.id}: ${consumer} handles ${counted(made.messages, 'message')} again\n`;
  return count === 0 ? 'No message of that range is kept and was handled.\n' : `${consumer} would handle ${counted(count, 'message')} again\n`;
}

function unconfirmed(messages: number, { consumer }: ReplayRange): SemelError {
  return new SemelError('bad-option', `${consumer} would handle ${counted(messages, 'message')} again, effects and all: add --yes to do it, or --dry-run to count only`);
}
