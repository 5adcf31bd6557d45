import { defineConfig } from 'vitest/config';

/** Everything runs from source: the packages' own condition comes before what Node would choose. */
const conditions: string[] = ['semel-source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'],
    coverage: {
      provider: 'v8',
      include: ['packages/semel/src/core/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary'],
      reportOnFailure: true,
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/semel/src/**/*.test.ts', 'scripts/**/*.test.ts', 'examples/**/*.test.ts', 'benchmarks/**/*.test.ts', 'docs/**/*.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: ['packages/semel/test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
});
