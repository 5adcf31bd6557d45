import ts from 'typescript';
import { type Finding, lineOf, type Tree } from './tree.ts';

const PACKAGE = 'packages/semel';
const MANIFEST = `${PACKAGE}/package.json`;
const BUILD = `${PACKAGE}/tsdown.config.ts`;
const VERSION = `${PACKAGE}/src/core/version.ts`;
const LIFECYCLE: readonly string[] = ['preinstall', 'install', 'postinstall', 'preuninstall', 'uninstall', 'postuninstall', 'prepare'];
const DEPENDENCIES: readonly string[] = ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies'];

interface Manifest {
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly [field: string]: unknown;
}

/** What users install brings nothing else along and runs nothing. */
export function standsAlone(tree: Tree): readonly Finding[] {
  const manifest = readManifest(tree);
  const dependencies = DEPENDENCIES.filter((field) => manifest[field] !== undefined);
  const scripts = LIFECYCLE.filter((name) => manifest.scripts?.[name] !== undefined);
  return [
    ...dependencies.map((field) => at(tree, `"${field}"`, `${field}: the package has no run-time dependencies; accept a small structural type, or bundle it`)),
    ...scripts.map((name) => at(tree, `"${name}"`, `script ${name} runs on users' machines: remove it`)),
  ];
}

/** Every subpath has its source, which the build makes into what the subpath names. */
export function subpaths(tree: Tree): readonly Finding[] {
  const built = builtEntries(tree.get(BUILD) ?? '');
  return Object.entries(readManifest(tree).exports ?? {}).flatMap(([subpath, conditions]) => {
    if (subpath === './package.json') return [];
    const objection = typeof conditions === 'string' ? 'needs the conditions semel-source, types and default' : subpathObjection(tree, conditions, built);
    return objection === undefined ? [] : [at(tree, `"${subpath}"`, `subpath ${subpath} ${objection}`)];
  });
}

/** VERSION in the source is the package's. */
export function oneVersion(tree: Tree): readonly Finding[] {
  const text = tree.get(VERSION) ?? '';
  const version = readManifest(tree).version;
  const found = /VERSION[^=]*= '([^']*)'/.exec(text)?.[1];
  return found === version ? [] : [{ file: VERSION, line: lineOf(text, 'VERSION'), message: `VERSION is ${found}, the package's version ${version}: make them one` }];
}

function subpathObjection(tree: Tree, conditions: Readonly<Record<string, string>>, built: ReadonlyMap<string, string>): string | undefined {
  if (Object.keys(conditions).join() !== 'semel-source,types,default') return 'must have the conditions semel-source, types and default, in this order';
  const source = conditions['semel-source']?.replace('./', '') ?? '';
  if (!tree.has(`${PACKAGE}/${source}`)) return `has no source: ${PACKAGE}/${source} is missing`;
  const entry = [...built].find(([, from]) => from === source)?.[0];
  if (entry === undefined) return `is not built: add ${source} to the entries of ${BUILD}`;
  const { default: code, types } = conditions;
  return code === `./dist/${entry}.js` && types === `./dist/${entry}.d.ts` ? undefined : `must name what is built: ./dist/${entry}.js and ./dist/${entry}.d.ts`;
}

/** The `entry` object of the build's config: output name → source. */
function builtEntries(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && nameOf(node) === 'entry') ts.forEachChild(node.initializer, collect);
    else ts.forEachChild(node, visit);
  };
  const collect = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)) entries.set(nameOf(node), node.initializer.text);
  };
  visit(ts.createSourceFile(BUILD, text, ts.ScriptTarget.Latest));
  return entries;
}

function nameOf({ name }: ts.PropertyAssignment): string {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '';
}

function readManifest(tree: Tree): Manifest {
  return JSON.parse(tree.get(MANIFEST) ?? '{}');
}

function at(tree: Tree, needle: string, message: string): Finding {
  return { file: MANIFEST, line: lineOf(tree.get(MANIFEST) ?? '', needle), message };
}
