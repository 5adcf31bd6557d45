import { expect, test } from 'vitest';
import { merged } from './merged.ts';

test('files go into one run, names into one for each file, and nothing is run twice', () => {
  expect(
    merged([
      'crash suite',
      { files: ['a.test.ts'] },
      { files: ['s.test.ts'], named: '^one' },
      { files: ['b.test.ts', 'a.test.ts'] },
      { files: ['s.test.ts'], named: '^two' },
      'crash suite',
    ]),
  ).toEqual([{ files: ['a.test.ts', 'b.test.ts'] }, { files: ['s.test.ts'], named: '^one|^two' }, 'crash suite']);
});

test('where there is nothing there is no run', () => {
  expect(merged([])).toEqual([]);
});
