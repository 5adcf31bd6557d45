import { importsOf, resolveImport } from './imports.ts';
import type { Finding, Tree } from './tree.ts';

/** No file imports itself by a detour, not even for types: what two files need of each other belongs in a third. */
export function circles(tree: Tree): readonly Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (done.has(file)) return;
    path.push(file);
    for (const { specifier, line } of importsOf(file, tree.get(file) ?? '')) {
      const target = resolveImport(file, specifier);
      if (target === undefined || !tree.has(target)) continue;
      if (path.includes(target)) findings.push({ file, line, message: circle([...path.slice(path.indexOf(target)), target]) });
      else visit(target);
    }
    path.pop();
    done.add(file);
  };
  for (const file of tree.keys()) if (file.endsWith('.ts')) visit(file);
  return findings;
}

function circle(files: readonly string[]): string {
  return `import circle ${files.map((file) => file.slice(file.lastIndexOf('/') + 1)).join(' → ')}: move what they share into a file of its own`;
}
