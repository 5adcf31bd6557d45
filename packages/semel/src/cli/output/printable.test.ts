import { expect, test } from 'vitest';
import { printable, printableLines } from './printable.ts';

test('spells out what could command a terminal, and leaves letters of all scripts alone', () => {
  expect(printable('a\x1b[2Jb\x9bc\nd\u202ee')).toBe('a\\x1b[2Jb\\x9bc\\x0ad\\u{202e}e');
  expect(printable('Zoë 注文 ✓')).toBe('Zoë 注文 ✓');
});

test('keeps lines and tabs where there may be several', () => {
  expect(printableLines('a\r\n\tb\x1b')).toBe('a\n\tb\\x1b');
});
