import type { Finding, Tree } from './tree.ts';

const MOST_LINES = 500;
const MANY_LINES = 300;

/** A file of code has at most 500 lines. */
export function sizes(tree: Tree): readonly Finding[] {
  return longerThan(tree, MOST_LINES).map(([file, lines]) => ({
    file,
    line: MOST_LINES + 1,
    message: `${lines} lines; split it: a file has one concept and at most ${MOST_LINES} lines`,
  }));
}

/** The files between 300 and 500 lines: allowed, but worth a look. */
export function largeFiles(tree: Tree): readonly string[] {
  return longerThan(tree, MANY_LINES)
    .filter(([, lines]) => lines <= MOST_LINES)
    .map(([file, lines]) => `${file} (${lines} lines)`);
}

function longerThan(tree: Tree, most: number): readonly (readonly [string, number])[] {
  return [...tree]
    .filter(([file]) => /\.(ts|js|mjs|sql)$/.test(file))
    .map(([file, text]) => [file, text.trimEnd().split('\n').length] as const)
    .filter(([, lines]) => lines > most);
}
