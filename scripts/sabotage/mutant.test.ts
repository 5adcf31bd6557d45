import { expect, test } from 'vitest';
import { type Mutant, sabotaged } from './mutant.ts';

const mutant: Mutant = { id: 'no-lock', trap: '', file: 'a.ts', from: 'lock();', to: "'$&';", tests: 'crash suite' };

test('replaces the text, whatever stands in its place', () => {
  expect(sabotaged('begin(); lock(); end();', mutant)).toBe("begin(); '$&'; end();");
});

test.each([
  ['begin(); end();', 0],
  ['lock(); lock();', 2],
])('refuses %j', (text, count) => {
  expect(() => sabotaged(text, mutant)).toThrow(`mutant no-lock no longer applies: its text stands ${count} times in a.ts`);
});
