import type { Tests } from '../mutant.ts';

/** The library's sources. */
export const SRC = 'packages/semel/src';
/** What drives a handler. */
export const CONSUMER: string = `${SRC}/consumer`;
/** What knows neither store nor transport. */
export const CORE: string = `${SRC}/core`;
/** The SQLite store. */
export const SQLITE: string = `${SRC}/stores/sqlite`;

/** The admission test of stores, for the SQLite store. */
export const STORE_SUITE: Tests = storeSuite('');

/** One of its groups. */
export function storeSuite(group: string): Tests {
  return { files: ['packages/semel/test/suites.test.ts'], named: `^sqlite: ${group}` };
}

/** The tests of some files. */
export function testsOf(...files: readonly string[]): Tests {
  return { files };
}
