import { expect, test } from 'vitest';
import { largeFiles, sizes } from './sizes.ts';

const lines = (count: number): string => '//\n'.repeat(count);

test('refuses a file of 501 lines, and no other', () => {
  const tree = new Map([
    ['a.ts', lines(501)],
    ['b.ts', lines(500)],
    ['long.md', lines(900)],
  ]);
  expect(sizes(tree)).toEqual([{ file: 'a.ts', line: 501, message: '501 lines; split it: a file has one concept and at most 500 lines' }]);
});

test('lists a file of 301 lines as large', () => {
  const tree = new Map([
    ['a.ts', lines(301)],
    ['b.ts', lines(300)],
    ['c.ts', lines(501)],
  ]);
  expect(largeFiles(tree)).toEqual(['a.ts (301 lines)']);
});
