import type { TestProject } from 'vitest/node';
import { type Borrowed, borrow } from './borrow.ts';
import { USUAL } from './catalog.ts';
import { variableOf } from './service.ts';

/** What the tests of a project of `vitest.config.ts` may use. */
const USED: Readonly<Record<string, readonly string[]>> = { unit: ['postgres'], integration: ['postgres'], services: USUAL, slow: USUAL };

/** Vitest's global setup: provides what the project uses, tells the tests by variables, and ends what it started. In CI it throws where a service is missing. */
export async function setup({ name }: TestProject): Promise<() => Promise<void>> {
  const borrowed = await borrow(USED[name] ?? []);
  const missing = tell(borrowed);
  if (missing.length > 0 && process.env.CI) {
    await borrowed[Symbol.asyncDispose]();
    throw new Error(`services that the tests need cannot be had:\n${missing.join('\n')}`);
  }
  for (const line of missing) console.warn(`no ${line}`);
  return async () => borrowed[Symbol.asyncDispose]();
}

/** Sets the variables that tests read, inherited by the workers; the names of what is missing, with the reasons. */
export function tell({ provisions }: Borrowed): readonly string[] {
  const missing: string[] = [];
  for (const [name, provision] of provisions) {
    if ('url' in provision) process.env[variableOf(name)] = provision.url;
    else {
      process.env[`${variableOf(name)}_MISSING`] = provision.missing.split('\n', 1)[0];
      missing.push(`${name}: ${provision.missing}`);
    }
  }
  return missing;
}
