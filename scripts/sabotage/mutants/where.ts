import type { Tests } from '../mutant.ts';

/** Where the sources of the parts are. */
export const SRC = 'packages/semel/src';
export const CONSUMER: string = `${SRC}/consumer`;
export const CORE: string = `${SRC}/core`;
export const SQLITE: string = `${SRC}/stores/sqlite`;

/** The admission test of stores, for the SQLite store. */
export const STORE_SUITE: Tests = { files: ['packages/semel/test/suites.test.ts'], named: '^sqlite: ' };

/** The tests of some files. */
export function testsOf(...files: readonly string[]): Tests {
  return { files };
}
