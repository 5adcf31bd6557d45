import type { Command } from 'commander';
import { type ErrorCode, isSemelError, SemelError } from '../../../core/errors.ts';
import { systemRuntime } from '../../../core/runtime.ts';
import type { DeadLetters } from '../../../core/store.ts';
import { EXIT_CODES, type ExitCode, exitCodeOf } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { idValues, paceValue } from '../../option-values.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { withStore } from '../../with-store.ts';
import { checkSelection, type SelectionOptions, select } from './selection.ts';

/** The options that redrive and discard share. */
export interface BulkOptions extends SelectionOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** Milliseconds between two. */
  readonly rate?: number;
}

/** What is done to each dead letter, and the word for it. */
export interface BulkAct {
  readonly verb: 'redrive' | 'discard';
  readonly done: 'redriven' | 'discarded';
  run(letters: DeadLetters, id: number): Promise<boolean>;
}

/** What became of one. */
interface Result {
  readonly id: number;
  readonly result: BulkAct['done'] | 'selected' | 'missing' | 'failed';
  readonly code?: ErrorCode;
  readonly message?: string;
}

/** Adds the arguments and options of {@link BulkOptions}. */
export function bulkCommand(command: Command, verb: BulkAct['verb']): Command {
  return command
    .argument('[id...]', 'their ids', idValues)
    .option('--consumer <name>', 'with --all: those of this consumer or route')
    .option('--all', 'all of the consumer')
    .option('--reason <reason>', 'with --all: only those that died for this reason')
    .option('--dry-run', `only say which it would ${verb}`)
    .option('--yes', 'with --all: really do it')
    .option('--rate <n/s>', 'no more than so many a second (or n/m: a minute)', paceValue);
}

/**
 * Does it to each of the selected, one transaction each, and tells what became of each. One that cannot be done does not keep the others
 * from it; a store that cannot be used does.
 */
export async function bulk(invocation: Invocation<BulkOptions, [(readonly number[])?]>, act: BulkAct): Promise<ExitCode> {
  const { world, options, args, target, print } = invocation;
  const ids = args[0] ?? [];
  checkSelection(ids, options);
  const place = target();
  return withStore(place.existing(), world, async (store) => {
    const selected = await select(store, ids, options);
    if (selected.length > 0 && options.all && !options.yes && !options.dryRun) throw unconfirmed(selected.length, act.verb, options);
    const results: Result[] = [];
    for await (const result of treatAll(store.deadLetters, selected, options, act)) {
      results.push(result);
      if (!options.json) world.stdout.write(lineOf(result, act));
    }
    print({ json: { store: place.address, dryRun: options.dryRun === true, results }, text: () => (selected.length === 0 ? 'No dead letters.\n' : '') });
    const left = selected.length - results.length;
    if (left > 0) world.stderr.write(`semel: stopped; ${left} ${left === 1 ? 'is left as it was' : 'are left as they were'}\n`);
    return exitCodeFor(results);
  });
}

async function* treatAll(letters: DeadLetters, ids: readonly number[], options: BulkOptions, act: BulkAct): AsyncGenerator<Result> {
  const paceMs = options.dryRun ? 0 : (options.rate ?? 0);
  for (const [index, id] of ids.entries()) {
    if (index > 0 && paceMs > 0) await systemRuntime.scheduler.sleep(paceMs);
    const result = await treat(letters, id, options, act);
    yield result;
    if (isStoreTrouble(result)) return;
  }
}

async function treat(letters: DeadLetters, id: number, { dryRun }: BulkOptions, act: BulkAct): Promise<Result> {
  try {
    if (dryRun) return { id, result: (await letters.get(id)) === undefined ? 'missing' : 'selected' };
    return { id, result: (await act.run(letters, id)) ? act.done : 'missing' };
  } catch (error) {
    if (!isSemelError(error)) throw error;
    return { id, result: 'failed', code: error.code, message: error.message };
  }
}

function lineOf({ id, result, code, message = '' }: Result, { done }: BulkAct): string {
  if (result === 'failed') return `${id}  failed: ${printable(message)} [${code}]\n`;
  return `${id}  ${result === 'missing' ? 'not there' : result === 'selected' ? `would be ${done}` : result}\n`;
}

function isStoreTrouble({ code }: Result): boolean {
  return code !== undefined && exitCodeOf(code) === EXIT_CODES.store;
}

function exitCodeFor(results: readonly Result[]): ExitCode {
  if (results.some(isStoreTrouble)) return EXIT_CODES.store;
  return results.some(({ result }) => result === 'missing' || result === 'failed') ? EXIT_CODES.findings : EXIT_CODES.ok;
}

function unconfirmed(count: number, verb: BulkAct['verb'], { consumer }: SelectionOptions): SemelError {
  return new SemelError('bad-option', `--all would ${verb} ${counted(count, 'dead letter')} of ${consumer}: add --yes to do it, or --dry-run to see which`);
}
