import { expect, test } from 'vitest';
import { kebabCase, testsBeside, vagueNames } from './names.ts';
import type { Rule } from './tree.ts';

function refused(rule: Rule, ...files: readonly string[]): readonly string[] {
  return rule(new Map(files.map((file) => [file, '']))).map(({ file }) => file);
}

test('names are kebab-case', () => {
  const bad = ['packages/semel/src/core/groupPlan.ts', 'scripts/Check.ts', 'packages/semel/src/Stores/a.ts', 'docs/a_b.test.ts'];
  expect(refused(kebabCase, ...bad, 'packages/semel/src/core/group-plan.test.ts', 'packages/semel/tsdown.config.ts', 'docs/README.md')).toEqual(bad);
});

test.each(['utils', 'types', 'helpers', 'common', 'misc'])('no file is called %s', (name) => {
  const bad = [`packages/semel/src/core/${name}.ts`, `examples/demo/${name}.test.ts`];
  expect(refused(vagueNames, ...bad, `packages/semel/src/core/${name}-of-a-kind.ts`)).toEqual(bad);
});

test('a test stands beside what it tests', () => {
  expect(
    refused(
      testsBeside,
      'scripts/a.test.ts',
      'scripts/b.test.ts',
      'scripts/b.ts',
      'docs/c.test.ts',
      'docs/c.md',
      'packages/semel/test/kill/d.test.ts',
      'scripts/b.services.test.ts',
      'scripts/e.slow.test.ts',
    ),
  ).toEqual(['scripts/a.test.ts', 'scripts/e.slow.test.ts']);
});
