import { importsOf, resolveImport } from './imports.ts';
import { type Finding, sources, type Tree } from './tree.ts';

/** What a folder of the library may import besides itself. */
interface Layer {
  /** Folders below `src`, or files in it; `*` is everything but what `never` names. */
  readonly may: readonly string[];
  readonly never?: readonly string[];
  /** The builtins it may use; all of them where absent. */
  readonly builtins?: readonly string[];
  readonly packages?: readonly string[];
  /** Each of its folders stands alone: an adapter never imports another. */
  readonly adapters?: boolean;
  /** Layers of which it may import the folder of its own name: one service is one client, whatever it is used for. */
  readonly namesakes?: readonly string[];
}

const SOURCE = 'packages/semel/src/';
/** The files that stand in `src` itself. */
const FACADE = '';

const LAYERS: Readonly<Record<string, Layer>> = {
  core: { may: [], builtins: ['node:crypto', 'node:async_hooks'] },
  contracts: { may: ['core'] },
  stores: { may: ['core', 'contracts'], adapters: true, namesakes: ['transports'] },
  transports: { may: ['core', 'contracts'], adapters: true },
  archive: { may: ['core'] },
  consumer: { may: ['core'] },
  outbox: { may: ['core'] },
  workflow: { may: ['core'] },
  explain: { may: ['core', 'consumer', 'contracts'] },
  testing: { may: ['core', 'consumer', 'outbox', 'semel.ts'] },
  prove: { may: ['core', 'consumer', 'testing', 'semel.ts', 'semel-options.ts'] },
  cli: { may: ['*'], never: ['testing'], packages: ['commander'] },
  [FACADE]: { may: ['*'], never: ['cli', 'testing'] },
};

/** Imports go inwards: adapters know the core alone, what drives them knows roles. */
export function layers(tree: Tree): readonly Finding[] {
  return sources(tree).flatMap((file) => {
    const name = folderOf(file);
    const layer = LAYERS[name];
    if (layer === undefined) return [{ file, line: 1, message: `src/${name} has no rule: say in scripts/house/layers.ts what it may import` }];
    return importsOf(file, tree.get(file) ?? '').flatMap(({ specifier, line }) => {
      const message = objection(file, specifier, name, layer);
      return message === undefined ? [] : [{ file, line, message }];
    });
  });
}

function objection(file: string, specifier: string, name: string, layer: Layer): string | undefined {
  const target = resolveImport(file, specifier);
  if (target !== undefined) return mayReach(file, target, name, layer) ? undefined : `${place(name)} may not import ${target.replace(SOURCE, 'src/')}: ${advice(layer)}`;
  if (!specifier.startsWith('node:'))
    return layer.packages?.includes(specifier) ? undefined : `imports ${specifier}: the library has no dependencies; accept a small structural type instead`;
  if (layer.builtins === undefined || layer.builtins.includes(specifier)) return undefined;
  return `${place(name)} may not import ${specifier}: of the platform only ${layer.builtins.join(' and ')} belong there; take the rest as an option`;
}

function mayReach(file: string, target: string, name: string, layer: Layer): boolean {
  if (!target.startsWith(SOURCE)) return false;
  const other = folderOf(target);
  if (other === name) return !layer.adapters || adapterOf(file) === adapterOf(target);
  if (layer.never?.includes(other)) return false;
  if (layer.namesakes?.includes(other) && adapterOf(file).split('/')[1] === adapterOf(target).split('/')[1]) return true;
  return layer.may.some((allowed) => allowed === '*' || allowed === other || SOURCE + allowed === target);
}

function advice(layer: Layer): string {
  if (layer.may.includes('*')) return `it may import anything but ${layer.never?.join(' and ')}`;
  return layer.may.length === 0 ? 'it may import nothing but itself' : `it may import ${layer.may.join(', ')} and itself; what both need belongs in src/core`;
}

function place(name: string): string {
  return name === FACADE ? 'a file of src' : `src/${name}`;
}

/** `core` for `packages/semel/src/core/errors.ts`. */
function folderOf(file: string): string {
  const inside = file.slice(SOURCE.length);
  return inside.includes('/') ? inside.slice(0, inside.indexOf('/')) : FACADE;
}

/** `stores/sqlite` for `packages/semel/src/stores/sqlite/index.ts`. */
function adapterOf(file: string): string {
  return file.slice(SOURCE.length).split('/').slice(0, 2).join('/');
}
