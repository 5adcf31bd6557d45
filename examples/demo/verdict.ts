import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Mode } from './mode.ts';

const COUNT = fileURLToPath(new URL('./count.ts', import.meta.url));

/** What the ledger says. */
export interface Count {
  /** Payments that were never charged. */
  readonly lost: number;
  /** Payments that were charged more than once. */
  readonly duplicated: number;
}

/** One column. */
export interface Run extends Count {
  readonly mode: Mode;
  readonly messages: number;
  readonly deliveries: number;
  readonly kills: number;
  /** How often the broker's server was killed; undefined where it has none. */
  readonly serverKills?: number;
  /** Each payment was charged exactly once. */
  readonly exact: boolean;
}

/** Has a separate process count: it opens the ledger at that address, and knows nothing of who wrote it. */
export async function count(ledger: string, publishedPath: string, signal: AbortSignal): Promise<Count> {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, COUNT, ledger, publishedPath], { signal });
  return JSON.parse(stdout);
}

/** What is not as it must be: nothing where Semel's column is clean, and each control shows the fault that it is there to show. */
export function objections(runs: readonly Run[]): readonly string[] {
  return runs.flatMap(({ mode, lost, duplicated, exact, kills }) => {
    const hint = kills === 0 ? ' No process was killed; try a larger --kills.' : '';
    if (mode === 'acknowledge-first' && lost === 0) return [`acknowledge-first lost nothing, so this run proves nothing.${hint}`];
    if (mode === 'acknowledge-after' && duplicated === 0) return [`acknowledge-after charged nothing twice, so this run proves nothing.${hint}`];
    if (mode === 'semel' && !exact) return [`Semel lost ${lost} and charged ${duplicated} more than once. That is a bug: please report it with the seed.`];
    return [];
  });
}
