import { afterAll } from 'vitest';
import { borrow } from '../../../../scripts/services/borrow.ts';
import { tell } from '../../../../scripts/services/vitest-setup.ts';
import type { ServiceName } from './describe-with.ts';

/** Provides services that no run of the tests starts by itself, until the tests of the file that calls it are through. To be awaited before `describeWith()`. */
export async function lend(...names: readonly ServiceName[]): Promise<void> {
  const borrowed = await borrow(names);
  tell(borrowed);
  afterAll(() => borrowed[Symbol.asyncDispose]());
}
