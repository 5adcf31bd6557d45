import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Everything runs from source. Node gets these conditions too, for require() as well: `import` or `module` among them would break packages that ship both. */
const conditions: string[] = ['semel-source', 'node'];

/** What runs in a tier of its own and never in `npm test`. */
const OTHER_TIERS: readonly string[] = ['**/*.services.test.ts', '**/*.slow.test.ts'];
const MINUTE_MS = 60_000;

/** The tests below some folders; the services that they use run before the first of them does. */
function project(name: string, include: string[], exclude: readonly string[], testTimeout: number): TestProjectInlineConfiguration {
  const globalSetup = 'scripts/services/vitest-setup.ts';
  return { extends: true, test: { name, include, exclude: [...configDefaults.exclude, ...exclude], globalSetup, testTimeout, hookTimeout: 2 * MINUTE_MS } };
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    maxWorkers: 2, // on 2 cores Vitest takes one by default, and most of the longer tests wait for servers and processes
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'],
    coverage: {
      provider: 'v8',
      include: ['packages/semel/src/core/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary'],
      reportOnFailure: true,
    },
    projects: [
      project('unit', ['{packages/semel/src,scripts,examples,benchmarks,docs}/**/*.test.ts'], OTHER_TIERS, 10_000),
      project('integration', ['packages/semel/test/**/*.test.ts'], OTHER_TIERS, MINUTE_MS),
      project('services', ['**/*.services.test.ts'], [], MINUTE_MS),
      project('slow', ['**/*.slow.test.ts'], [], 30 * MINUTE_MS),
    ],
  },
});
