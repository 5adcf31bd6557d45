import { expect, test } from 'vitest';
import { importsOf, resolveImport } from './imports.ts';

test('finds every form of import, with its line', () => {
  const text =
    "import a from 'a';\nimport type { B } from 'b';\nimport 'c';\nexport * from 'd';\nexport { e };\nawait import('e');\ntype F = import('f').F;\n// import 'g'\nconst h = \"import 'h'\";";
  expect(importsOf('a.ts', text).map(({ specifier, line }) => `${line}${specifier}`)).toEqual(['1a', '2b', '3c', '4d', '6e', '7f']);
});

test('resolves relative imports only', () => {
  expect(resolveImport('src/core/a.ts', '../b.ts')).toBe('src/b.ts');
  expect(resolveImport('src/core/a.ts', './b.ts')).toBe('src/core/b.ts');
  expect(resolveImport('src/core/a.ts', 'node:fs')).toBeUndefined();
});
