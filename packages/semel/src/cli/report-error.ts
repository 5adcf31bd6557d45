import { CommanderError } from 'commander';
import { ERROR_CODES, isSemelError } from '../core/errors.ts';
import { reasonOf } from '../core/reason-of.ts';
import { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { printable, printableLines } from './output/printable.ts';
import type { Sink } from './world.ts';

/** Tells what ended a command, and what to do about it: two lines, and with `debug` the stack. Returns the exit code. */
export function reportError(error: unknown, stderr: Sink, debug: boolean): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage; // it has spoken already
  const known = isSemelError(error);
  const message = reasonOf(error);
  stderr.write(`semel: ${printable(message)}${known ? ` [${error.code}]` : ''}\n`);
  stderr.write(known ? `${ERROR_CODES[error.code].todo}\n` : debug ? '' : 'This ought not to happen: `--debug` prints where it did.\n');
  if (debug) stderr.write(`${printableLines(stackOf(error))}\n`);
  return known ? exitCodeOf(error.code) : EXIT_CODES.defect;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
