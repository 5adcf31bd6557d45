import { expect, test } from 'vitest';
import { paragraph } from './paragraph.ts';

test('breaks between words, and sets the text beside its label', () => {
  const text = paragraph('producer', `${'word '.repeat(30)}end`);
  expect(text.split('\n').map((line) => line.length <= 110)).not.toContain(false);
  expect(text).toMatch(/^ {2}producer {3}word (.*\n) {13}word .*end\n$/);
});

test('hangs the lines of a list, leaves addresses whole, and spells out what could command a terminal', () => {
  expect(paragraph('', `- ${'a'.repeat(90)} ${'b'.repeat(120)} c\x1b[2J`, '  ')).toBe(
    `             - ${'a'.repeat(90)}\n               ${'b'.repeat(120)}\n               c\\x1b[2J\n`,
  );
});
