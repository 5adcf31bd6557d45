import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's text files: their paths, with `/`, from its root, and what is in them. */
export type Tree = ReadonlyMap<string, string>;

/** What a rule objects to. `line` counts from 1. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** One rule of the house; its name is what the report calls it. */
export type Rule = (tree: Tree) => readonly Finding[];

const NOT_OURS: ReadonlySet<string> = new Set(['.git', 'node_modules', 'dist', 'coverage', '.tmp', 'package-lock.json']);
const TEXT = /(\.(ts|js|mjs|cjs|json|md|sql|sh|yml|yaml|html|css)|(^|\/)[^.]+|(^|\/)\.[^./]+)$/;

/** Reads the project below `root`, without what is installed, built or binary. */
export function readTree(root: string, folder = ''): Tree {
  const tree = new Map<string, string>();
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) for (const [file, text] of readTree(root, path)) tree.set(file, text);
    else if (entry.isFile() && TEXT.test(path)) tree.set(path, readFileSync(join(root, path), 'utf8'));
  }
  return tree;
}

/** The library's sources: what is shipped, so without tests. */
export function sources(tree: Tree): readonly string[] {
  return [...tree.keys()].filter((file) => file.startsWith('packages/semel/src/') && file.endsWith('.ts') && !isTest(file));
}

/** Whether `file` holds tests. */
export function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}

/** The line, from 1, on which `text` first holds `needle`; 1 where it does not. */
export function lineOf(text: string, needle: string): number {
  return text.slice(0, Math.max(0, text.indexOf(needle))).split('\n').length;
}
