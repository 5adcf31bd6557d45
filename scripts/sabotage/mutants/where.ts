import type { Tests } from '../mutant.ts';

/** The library's sources. */
export const SRC = 'packages/semel/src';
/** What drives a handler. */
export const CONSUMER: string = `${SRC}/consumer`;
/** What knows neither store nor transport. */
export const CORE: string = `${SRC}/core`;
/** The SQLite store. */
export const SQLITE: string = `${SRC}/stores/sqlite`;
/** The Postgres store. */
export const POSTGRES: string = `${SRC}/stores/postgres`;

/** The admission test of stores, for the SQLite store. */
export const STORE_SUITE: Tests = storeSuite('');

/** One of its groups. */
export function storeSuite(group: string): Tests {
  return { files: ['packages/semel/test/suites.test.ts'], named: `^sqlite: ${group}` };
}

/** One of its groups, or what begins so, for the Postgres store. */
export function postgresSuite(group: string): Tests {
  return { files: ['packages/semel/test/postgres-suites.test.ts'], named: `^the Postgres store on postgres > postgres: ${group}` };
}

/** One group of what every client library of Postgres promises, for pg. */
export function pgSuite(group: string): Tests {
  return { files: ['packages/semel/test/clients/pg.test.ts'], named: `^a store on pg > pg: ${group}` };
}

/** What the Postgres store does beyond the suites, by what it is about. */
export function onPostgres(what: string): Tests {
  return testsOf(`packages/semel/test/postgres/${what}.test.ts`);
}

/** The prover's model against SQLite, by the calls of random runs. */
export const REPLAY: Tests = testsOf('packages/semel/test/prove/replay/replay.test.ts');

/** The tests of some files. */
export function testsOf(...files: readonly string[]): Tests {
  return { files };
}
