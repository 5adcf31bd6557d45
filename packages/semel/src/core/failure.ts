import type { Failure } from './delivery.ts';

const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;
const MAX_CODE_LENGTH = 200;
const MAX_CAUSES = 5;

/**
 * What history keeps of a failed try. Takes whatever was thrown, never throws, and is bounded: a message of at most 2,000
 * characters with up to five causes in it, a stack of at most 8,000.
 *
 * @param attempt the try that failed; the first is 1
 * @param atMs when, in milliseconds since 1970
 */
export function failureOf(error: unknown, attempt: number, atMs: number): Failure {
  const stack = textMember(error, 'stack');
  const failure = { atMs, attempt, code: errorCodeOf(error), message: cut(messages(error).join('; caused by '), MAX_MESSAGE_LENGTH) };
  return stack === undefined ? failure : { ...failure, stack: cut(stack, MAX_STACK_LENGTH) };
}

/** The `code` of an error, where it has one that is a string; else its name; for what is no object, its type. */
export function errorCodeOf(error: unknown): string {
  const code = textMember(error, 'code') ?? textMember(error, 'name') ?? typeof error;
  return cut(code, MAX_CODE_LENGTH);
}

function messages(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let at = error; at !== undefined && lines.length <= MAX_CAUSES; at = member(at, 'cause')) lines.push(messageOf(at));
  return lines.length === 0 ? ['undefined was thrown'] : lines;
}

/** An object that is no error is not spelt out: it may hold a payload. */
function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  return textMember(error, 'message') || textMember(error, 'name') || 'an object that is no error was thrown';
}

function textMember(error: unknown, name: string): string | undefined {
  const value = member(error, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function member(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined; // a getter that throws; what failed must still be told
  }
}

/** Half a surrogate pair at the cut would make the text unfit for JSON and for UTF-8. */
function cut(text: string, maxLength: number): string {
  return (text.length <= maxLength ? text : text.slice(0, maxLength)).toWellFormed();
}
