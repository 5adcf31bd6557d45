import { printable } from './printable.ts';

const WIDTH = 110;
const LABEL_WIDTH = 11;

/**
 * A text beside its label, broken between words; what has no blank, such as an address, stays whole.
 *
 * @param hanging stands before each line but the first
 */
export function paragraph(label: string, text: string, hanging = ''): string {
  const margin = ' '.repeat(LABEL_WIDTH + 2);
  const lines: string[] = [];
  for (const word of printable(text).split(/(?<=\S) /)) {
    const line = lines.at(-1);
    if (line !== undefined && margin.length + line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(lines.length === 0 ? word : hanging + word);
  }
  return lines
    .map((line, index) => `${index === 0 ? `  ${label.padEnd(LABEL_WIDTH)}` : margin}${line}`.trimEnd())
    .join('\n')
    .concat('\n');
}
