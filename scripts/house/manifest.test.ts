import { expect, test } from 'vitest';
import { oneVersion, standsAlone, subpaths } from './manifest.ts';

const CONDITIONS = { 'semel-source': './src/stores/sqlite/index.ts', types: './dist/stores/sqlite/index.d.ts', default: './dist/stores/sqlite/index.js' };

function treeOf(manifest: object, files: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  return new Map([
    ['packages/semel/package.json', JSON.stringify(manifest, undefined, 2)],
    ['packages/semel/tsdown.config.ts', "export default { entry: { 'stores/sqlite/index': 'src/stores/sqlite/index.ts' } };"],
    ['packages/semel/src/stores/sqlite/index.ts', ''],
    ...Object.entries(files),
  ]);
}

test.each(['dependencies', 'peerDependencies', 'optionalDependencies', 'bundledDependencies'])('the package has no %s', (field) => {
  expect(standsAlone(treeOf({ name: 'semel', [field]: {} }))).toMatchObject([{ file: 'packages/semel/package.json', line: 3 }]);
});

test.each(['preinstall', 'install', 'postinstall', 'prepare'])('the package has no %s script', (script) => {
  expect(standsAlone(treeOf({ scripts: { build: 'tsdown', [script]: 'node a.js' } }))).toMatchObject([{ line: 4 }]);
});

test('the package may have development dependencies', () => {
  expect(standsAlone(treeOf({ devDependencies: { commander: '1.0.0' } }))).toEqual([]);
});

test('a sound subpath is allowed', () => {
  expect(subpaths(treeOf({ exports: { './sqlite': CONDITIONS, './package.json': './package.json' } }))).toEqual([]);
});

test.each([
  ['no source', { ...CONDITIONS, 'semel-source': './src/missing.ts' }, 'has no source: packages/semel/src/missing.ts is missing'],
  ['no built entry', { ...CONDITIONS, 'semel-source': './src/novel.ts' }, 'is not built: add src/novel.ts'],
  ['another output', { ...CONDITIONS, default: './dist/sqlite.js' }, 'must name what is built: ./dist/stores/sqlite/index.js'],
  ['conditions in another order', { types: 'a', 'semel-source': 'b', default: 'c' }, 'in this order'],
  ['a bare path', './dist/a.js', 'needs the conditions'],
])('a subpath with %s is refused', (_, conditions, message) => {
  const found = subpaths(treeOf({ exports: { './sqlite': conditions } }, { 'packages/semel/src/novel.ts': '' }));
  expect(found).toMatchObject([{ file: 'packages/semel/package.json', line: 3, message: expect.stringContaining(message) }]);
});

test('VERSION is the version of the package', () => {
  const source = { 'packages/semel/src/core/version.ts': "/** The version. */\nexport const VERSION: string = '1.2.3';" };
  expect(oneVersion(treeOf({ version: '1.2.3' }, source))).toEqual([]);
  expect(oneVersion(treeOf({ version: '1.2.4' }, source))).toMatchObject([{ file: 'packages/semel/src/core/version.ts', line: 2 }]);
});
