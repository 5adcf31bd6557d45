import { expect, test } from 'vitest';
import { circles } from './circles.ts';

test('names the way round of a circle, even of types, and where it closes', () => {
  const tree = new Map([
    ['src/a.ts', "import { b } from './deep/b.ts';"],
    ['src/deep/b.ts', "\nimport type { C } from '../c.ts';"],
    ['src/c.ts', "\n\nexport type { A } from './a.ts';"],
  ]);
  expect(circles(tree)).toEqual([{ file: 'src/c.ts', line: 3, message: 'import circle a.ts → b.ts → c.ts → a.ts: move what they share into a file of its own' }]);
});

test('finds a file that imports itself', () => {
  expect(circles(new Map([['a.ts', "import type { A } from './a.ts';"]]))).toHaveLength(1);
});

test('allows two ways to one file', () => {
  const tree = new Map([
    ['a.ts', "import './b.ts';\nimport './c.ts';"],
    ['b.ts', "import './d.ts';"],
    ['c.ts', "import './d.ts';\nimport 'node:fs';\nimport './missing.ts';"],
    ['d.ts', ''],
  ]);
  expect(circles(tree)).toEqual([]);
});
