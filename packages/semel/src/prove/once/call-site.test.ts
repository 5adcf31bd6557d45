import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { siteOf } from './call-site.ts';

const own = join(process.cwd(), 'app', 'payments.ts');

it.each([
  ['a function', `    at charge (${own}:14:5)`],
  ['no function', `    at ${own}:14:5`],
  ['an address', `    at async Object.handler (${pathToFileURL(own)}:14:5)`],
  [
    'a place behind the library, Node and a dependency',
    `    at x (${import.meta.filename}:1:1)\n    at node:internal/timers:1:1\n    at q (${join(process.cwd(), 'node_modules', 'pg', 'client.js')}:9:9)\n    at charge (${own}:14:5)`,
  ],
])('finds %s', (_what, stack) => {
  expect(siteOf(`Error: where\n${stack}`)).toBe(`${join('app', 'payments.ts')}:14`);
});

it('finds nothing where nothing is', () => {
  expect(siteOf('Error: where\n    at new Promise (<anonymous>)\n    at native')).toBeUndefined();
  expect(siteOf(undefined)).toBeUndefined();
});
