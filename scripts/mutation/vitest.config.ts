import { defineConfig } from 'vitest/config';

const conditions: string[] = ['semel-source', 'node'];

/** The tests that run under mutation: those that run in one process, and so reach what is mutated there. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'],
    include: [
      'packages/semel/src/{consumer,core,outbox}/*.test.ts',
      'packages/semel/src/stores/{sqlite,postgres,postgres/clients}/*.test.ts',
      'packages/semel/src/*.test.ts',
      'packages/semel/test/{brokers,hard-cases,suites,postgres-suites}.test.ts',
      'packages/semel/test/clients/pg.test.ts',
      'packages/semel/test/postgres/*.test.ts',
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
