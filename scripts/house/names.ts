import { posix } from 'node:path';
import { type Finding, isTest, type Tree } from './tree.ts';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const VAGUE = /^(utils?|types?|helpers?|common|misc|shared)$/;

/** The project's own code, where the house chooses the names. */
function named(tree: Tree): readonly string[] {
  return [...tree.keys()].filter((file) => /^(packages|examples|benchmarks|scripts|docs)\//.test(file) && /\.(ts|js|mjs|sql)$/.test(file));
}

/** Files and folders are kebab-case. */
export function kebabCase(tree: Tree): readonly Finding[] {
  return named(tree)
    .filter((file) => !file.split(/[/.]/).every((part) => KEBAB.test(part)))
    .map((file) => ({ file, line: 1, message: 'the name is not kebab-case: rename it' }));
}

/** A name says what is in it. */
export function vagueNames(tree: Tree): readonly Finding[] {
  return named(tree)
    .filter((file) => VAGUE.test(posix.basename(file).split('.')[0] ?? ''))
    .map((file) => ({ file, line: 1, message: 'the name says nothing: name it after its concept, or move what it holds to where that is used' }));
}

/** Of any tier. */
const TEST = /(\.services|\.slow)?\.test\.ts$/;

/** `x.test.ts` stands beside `x.ts`, or beside the page `x.md`; tests of the whole live in a `test` folder. */
export function testsBeside(tree: Tree): readonly Finding[] {
  return [...tree.keys()]
    .filter((file) => isTest(file) && !/(^|\/)test\//.test(file))
    .filter((file) => !tree.has(file.replace(TEST, '.ts')) && !tree.has(file.replace(TEST, '.md')))
    .map((file) => ({ file, line: 1, message: `there is no ${posix.basename(file).replace(TEST, '.ts')} beside it: rename it, or move it to packages/semel/test` }));
}
