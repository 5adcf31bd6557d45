import { describe } from 'vitest';
import { ForgetfulDisk } from './forgetful-disk.ts';

/** A `describe` of what needs a disk that forgets. Where there can be none its tests are skipped, and the reason stands in their names. */
export async function describeOnForgetfulDisk(title: string, tests: () => void): Promise<void> {
  const missing = await ForgetfulDisk.missing();
  if (missing === undefined) describe(title, tests);
  else describe.skip(`${title} [${missing}]`, tests);
}
