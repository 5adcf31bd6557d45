import { join } from 'node:path';
import { commandInTree, type DebianTree, debianTree } from './debian-tree.ts';
import { readableFolder } from './folders.ts';
import { launch } from './process.ts';
import { pythonRelease } from './python-release.ts';
import type { Site } from './service.ts';

/** A server out of Python's registry. */
export interface PythonServer {
  /** A name for the packages that no other version has. */
  readonly name: string;
  readonly packages: readonly string[];
  /** What is needed besides is taken as it was on this day. */
  readonly asOf: string;
  /** The module, and its options. */
  readonly module: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** A Debian with the Python that the packages are for: the machine's own may be any. */
const TREE: DebianTree = { suite: 'trixie', debianPackage: 'python3' };
const PYTHON = '3.13';

/** Starts it, and fetches it before where it is not kept from an earlier start. */
export async function launchPython({ name, packages, asOf, module, variables = {} }: PythonServer, { folder, cache }: Site): Promise<number> {
  const tree = await debianTree(TREE, cache);
  await pythonRelease(name, { packages, python: PYTHON, asOf }, readableFolder(join(tree, 'opt')));
  const set = Object.entries({ ...variables, PYTHONPATH: `/opt/${name}` }).map(([variable, value]) => `${variable}=${value}`);
  const { command, options } = commandInTree(tree, folder, 'env', [...set, 'python3', '-m', ...module]);
  return launch(command, options, folder, {});
}
