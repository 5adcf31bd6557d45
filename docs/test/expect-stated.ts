import { expect } from 'vitest';
import { type Page, programOf, statedOutput } from './page.ts';
import type { Run, RunOptions, Workspace } from './workspace.ts';

/** Runs the examples of a page: they print what they say, complain of nothing and end well. */
export function expectStated(workspace: Workspace, page: Page, options?: RunOptions): Run {
  const run = workspace.run(page, options);
  expect(run.stderr).toBe('');
  expect(run.stdout.split('\n').slice(0, -1)).toEqual(statedOutput(programOf(page) ?? ''));
  expect(run.exitCode).toBe(0);
  return run;
}
