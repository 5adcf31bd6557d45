import { expect, test } from 'vitest';
import { table } from './table.ts';

test('aligns words to the left and numbers to the right, without trailing blanks', () => {
  expect(
    table(
      [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'NOTE' }],
      [
        ['a\n', 5, ''],
        ['longer', 1000, 'x'],
      ],
    ),
  ).toBe(
    `NAME       N  NOTE
a\\x0a      5
longer  1000  x
`,
  );
});
