import type { ProofReport } from './report.ts';

/** The report as JSON, laid out as the project's formatter does: in one line what fits, and a line for each element of a list of objects. */
export function jsonOf(report: ProofReport): string {
  return `${laidOut(report, '', '')}\n`;
}

const WIDTH = 180;

/** @param before what stands before it in its line */
function laidOut(value: unknown, indent: string, before: string): string {
  const line = inLine(value);
  if (typeof value !== 'object' || value === null || (indent !== '' && !holdsObjects(value) && `${before}${line},`.length <= WIDTH)) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[\n${value.map((element) => inner + laidOut(element, inner, inner)).join(',\n')}\n${indent}]`;
  const members = membersOf(value).map(([name, member]) => `${inner}${name}: ${laidOut(member, inner, `${inner}${name}: `)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** Whether a list of objects is in it. */
function holdsObjects(value: object): boolean {
  return Array.isArray(value) ? typeof value[0] === 'object' : Object.values(value).some((member) => Array.isArray(member) && typeof member[0] === 'object');
}

function inLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${membersOf(value)
    .map(([name, member]) => `${name}: ${inLine(member)}`)
    .join(', ')} }`;
}

function membersOf(value: object): readonly (readonly [name: string, member: unknown])[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => [JSON.stringify(name), member] as const);
}
