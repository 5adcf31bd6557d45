import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { VERSION } from '../../src/core/version.ts';
import { installNode, olderNodeOnPath } from './node-release.ts';
import { PackedProject } from './packed-project.ts';

const KIB = 1024;
/** The oldest Node that the package promises to run on, and one that it refuses. */
const OLDEST_NODE = '22.16.0';
const TOO_OLD_NODE = '20.20.2';
const PROGRAMS: readonly string[] = ['use-esm.mjs', 'use-commonjs.cjs'];

let project: PackedProject;

beforeAll(() => {
  project = new PackedProject();
});

afterAll(() => project?.[Symbol.dispose]());

/** Only a machine without a network may do without a Node, and only where nobody counts on the result. */
function nodeOf(version: string, { skip }: TestContext): string {
  const node = installNode(version);
  if (node !== undefined) return node;
  if (process.env.CI) throw new Error(`Node ${version} could not be installed from npm`);
  return skip(`no Node ${version} here, and npm's registry is out of reach`);
}

test.for(PROGRAMS)('%s works', (program) => {
  expect(project.run('node', '--disable-warning=ExperimentalWarning', program)).toEqual({ status: 0, stdout: 'once\n', stderr: '' });
});

test.for(PROGRAMS)(`%s works on Node ${OLDEST_NODE}`, (program, context) => {
  const node = nodeOf(OLDEST_NODE, context);
  expect(project.run(node, '--disable-warning=ExperimentalWarning', program)).toEqual({ status: 0, stdout: 'once\n', stderr: '' });
});

test('the command works, and says nothing of experiments', (context) => {
  const version = { status: 0, stdout: `${VERSION}\n`, stderr: '' };
  expect(project.run('npx', '--no-install', '--loglevel=error', 'semel', '--version')).toEqual(version);
  expect(project.run(nodeOf(OLDEST_NODE, context), 'node_modules/semel/bin/semel.js', '--version')).toEqual(version);
});

test('a Node that is too old gets one clear line', (context) => {
  const node = olderNodeOnPath(22, 16) ?? nodeOf(TOO_OLD_NODE, context);
  const { stdout: found } = project.run(node, '-p', 'process.version');
  const line = `semel needs Node.js 22.16 or later; this is ${found}`;
  expect(project.run(node, 'node_modules/semel/bin/semel.js', '--version')).toEqual({ status: 3, stdout: '', stderr: line });
});

test('its types hold in a strict project that checks libraries too', () => {
  const tsc = join(import.meta.dirname, '../../../../node_modules/typescript/bin/tsc');
  expect(project.run('node', tsc, '-p', '.')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('publint has nothing to say', () => {
  expect(project.run('publint', 'run', project.tarball, '--strict')).toMatchObject({ status: 0 });
});

test('every way to resolve it finds code and types that agree', () => {
  expect(project.run('attw', project.tarball, '--profile', 'esm-only', '--no-definitely-typed')).toMatchObject({ status: 0 });
});

test('it brings no dependencies along and runs nothing at installation', () => {
  const manifest = JSON.parse(project.read('node_modules/semel/package.json'));
  for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundledDependencies', 'scripts']) expect(manifest).not.toHaveProperty(field);
  expect(Object.keys(JSON.parse(project.read('package-lock.json')).packages)).toEqual(['', 'node_modules/semel']);
});

test('it carries its licence, and those of the code that it bundles', () => {
  const commander = readFileSync(join(import.meta.dirname, '../../node_modules/commander/LICENSE'), 'utf8');
  expect(project.read('node_modules/semel/LICENSE')).toContain('The Semel authors');
  expect(project.read('node_modules/semel/THIRD-PARTY-NOTICES.md')).toContain(commander.trim());
});

test('it is small, and has no tests in it', () => {
  expect(project.size).toBeLessThan(1_152 * KIB);
  expect(project.unpackedSize).toBeLessThan(4_096 * KIB);
  expect(project.files.filter((file) => file.includes('.test.'))).toEqual([]);
});
