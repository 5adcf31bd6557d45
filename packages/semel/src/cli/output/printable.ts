/**
 * Text of strangers, fit for a terminal: ids, keys, error messages and payloads may hold escape sequences that rewrite what an
 * operator sees. Control and format characters are spelt out (`\x1b`), line ends and tabs with them.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, spell);
}

/** As {@link printable}, for text of several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
