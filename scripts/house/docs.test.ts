import { expect, test } from 'vitest';
import { docs } from './docs.ts';

function undocumented(text: string, file = 'packages/semel/src/core/a.ts'): readonly string[] {
  return docs(new Map([[file, text]])).map(({ line, message }) => `${line} ${message.split(' ')[1]}`);
}

test.each([
  ['export function a(): void {}', '1 a'],
  ['// not JSDoc\nexport class A {}', '2 A'],
  ['/** */\nexport interface A {}', '2 A'],
  ['/** @internal */\nexport type A = string;', '2 A'],
  ['export const a = 1;', '1 a'],
  ['const a = 1;\nexport { a as b };', '1 a'],
])('refuses %j', (text, found) => {
  expect(undocumented(text)).toEqual([found]);
});

test.each([
  ['/** Says a. */\nexport const a = 1;'],
  ['/** Says a. */\nexport function a(x: string): void;\nexport function a(x: number): void;'],
  ['function a(): void {}'],
  ["export { a } from './b.ts';\nexport type { C } from './c.ts';"],
  ['/** Says a. */\nconst a = 1;\nexport { a };'],
  ['/** Says A. */\nexport interface A { b(): void }'],
])('allows %j', (text) => {
  expect(undocumented(text)).toEqual([]);
});

test('holds for the scripts, not for tests', () => {
  expect(undocumented('export const a = 1;', 'scripts/a.ts')).toEqual(['1 a']);
  expect(undocumented('export const a = 1;', 'scripts/a.test.ts')).toEqual([]);
});
