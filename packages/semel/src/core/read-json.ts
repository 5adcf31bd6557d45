import { MAX_JSON_DEPTH } from './canonical-json.ts';
import { type ErrorCode, SemelError } from './errors.ts';
import { jsonPath } from './json-path.ts';

/** Bounds on what {@link readJson} takes in. */
export interface JsonLimits {
  /** Bytes of UTF-8. @default 1_048_576 */
  readonly maxBytes?: number;
  /** How deep arrays and objects may nest; at most 1,000. @default 64 */
  readonly maxDepth?: number;
}

/** The default of `maxBytes`. */
export const MAX_JSON_BYTES = 1_048_576;
/** The scan recurses: beyond this its own stack would be the limit. */
const DEEPEST = 1_000;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON (RFC 8259) from strangers. What it returns is what the text says, and {@link canonicalJson} takes it: nothing was rounded,
 * overwritten or repaired.
 *
 * Of member names only `__proto__` is refused: it alone changes an object when a program copies members one by one.
 * `constructor` and `prototype` are harmless as members of their own, and are words that data uses.
 *
 * Messages and details name the path and the offset (UTF-16 code units; for bad UTF-8, bytes), never the content.
 *
 * @throws SemelError `not-json` (byte order marks, bad UTF-8 and lone surrogates too), `too-large`, `too-deep`, `duplicate-member`,
 *   `forbidden-member`, `unsafe-number` (an integer that a double would change, a number beyond its range)
 */
export function readJson(input: Uint8Array | string, limits: JsonLimits = {}): unknown {
  const { maxBytes = MAX_JSON_BYTES, maxDepth = MAX_JSON_DEPTH } = limits;
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (bytes > maxBytes) throw new SemelError('too-large', `the JSON text has ${bytes} bytes; at most ${maxBytes} are taken`, { details: { bytes, maxBytes } });
  const text = typeof input === 'string' ? input : decode(input);
  const depth = Math.min(maxDepth, DEEPEST);
  const members = new Scan(text, depth, false).members();
  const value: unknown = JSON.parse(text);
  // A name that came twice left one member behind: only then is it worth the time to keep the names and find it.
  if (members !== countMembers(value)) new Scan(text, depth, true).members();
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    const mended = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    const changed = bytes.findIndex((byte, index) => byte !== mended[index]);
    const offset = changed === -1 ? bytes.length : changed; // -1: it ends in the midst of a character
    throw new SemelError('not-json', `the text is not UTF-8 at byte ${offset}`, { cause, details: { offset } });
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((count: number, item) => count + countMembers(item), 0);
  const names = Object.keys(value);
  let count = names.length;
  for (const name of names) count += countMembers((value as Record<string, unknown>)[name]);
  return count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const FORBIDDEN_NAME = '__proto__';
/** Integers of fewer digits are all exact. */
const EXACT_DIGITS = 16;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER_TAIL = /(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** One pass over the text: its grammar, and what the grammar allows but a reader must not. It builds nothing. */
class Scan {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #keepNames: boolean;
  #at = 0;
  #members = 0;

  constructor(text: string, maxDepth: number, keepNames: boolean) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#keepNames = keepNames;
  }

  /** Checks the whole text, and counts the members of all its objects, repeated ones included. */
  members(): number {
    this.#space();
    this.#value(1);
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected();
    return this.#members;
  }

  #value(depth: number): void {
    const code = this.#code();
    if (code === QUOTE) this.#string();
    else if (code === 0x7b) this.#object(depth);
    else if (code === 0x5b) this.#array(depth);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) this.#number();
    else if (code === 0x74) this.#word('true');
    else if (code === 0x66) this.#word('false');
    else if (code === 0x6e) this.#word('null');
    else this.#unexpected();
  }

  #object(depth: number): void {
    this.#enter(depth);
    if (this.#code() === 0x7d) return void this.#at++;
    const names = this.#keepNames ? new Set<string>() : undefined;
    for (;;) {
      if (this.#code() !== QUOTE) this.#unexpected();
      this.#name(names);
      this.#space();
      if (this.#code() !== COLON) this.#unexpected();
      this.#at++;
      this.#space();
      this.#value(depth + 1);
      if (this.#ends(0x7d)) return;
    }
  }

  #array(depth: number): void {
    this.#enter(depth);
    if (this.#code() === 0x5d) return void this.#at++;
    do this.#value(depth + 1);
    while (!this.#ends(0x5d));
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth) this.#refuse('too-deep', `it nests deeper than ${this.#maxDepth} levels`);
    this.#at++;
    this.#space();
  }

  /** After a member or an item: true at the closing bracket, false at a comma. */
  #ends(bracket: number): boolean {
    this.#space();
    const code = this.#code();
    if (code !== COMMA && code !== bracket) this.#unexpected();
    this.#at++;
    if (code === bracket) return true;
    this.#space();
    return false;
  }

  #name(names: Set<string> | undefined): void {
    const from = this.#at;
    const escaped = this.#string();
    this.#members++;
    if (!escaped && names === undefined && this.#at - from !== FORBIDDEN_NAME.length + 2) return;
    const name = escaped ? (JSON.parse(this.#text.slice(from, this.#at)) as string) : this.#text.slice(from + 1, this.#at - 1);
    if (name === FORBIDDEN_NAME) this.#refuse('forbidden-member', 'the member name `__proto__` can change what a program does', from, name);
    if (names?.has(name)) this.#refuse('duplicate-member', 'the object has two members of one name', from, name);
    names?.add(name);
  }

  /** Passes over a string; true if it has escapes. */
  #string(): boolean {
    const text = this.#text;
    const from = this.#at;
    let escaped = false;
    let surrogates = false;
    for (let at = from + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        if (surrogates) this.#wellFormed(from);
        return escaped;
      }
      if (code === BACKSLASH) {
        escaped = true;
        const length = this.#escape(at);
        surrogates ||= length > 2;
        at += length - 1;
      } else if (code < 0x20) this.#unexpected(at);
      else if (code >= 0xd800 && code <= 0xdfff) surrogates = true;
    }
    this.#at = text.length;
    return this.#unexpected();
  }

  #escape(at: number): number {
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(this.#text)) this.#unexpected(at);
    return ESCAPE.lastIndex - at;
  }

  #wellFormed(from: number): void {
    const text = JSON.parse(this.#text.slice(from, this.#at)) as string;
    if (!text.isWellFormed()) this.#refuse('not-json', 'a string holds half of a surrogate pair, which is no Unicode text', from);
  }

  #number(): void {
    const from = this.#at;
    if (this.#code() === MINUS) this.#at++;
    const digits = this.#at;
    while (this.#code() >= ZERO && this.#code() <= NINE) this.#at++;
    const count = this.#at - digits;
    if (count === 0) this.#unexpected();
    if (count > 1 && this.#text.charCodeAt(digits) === ZERO) this.#unexpected(digits + 1);
    const end = this.#at;
    NUMBER_TAIL.lastIndex = end;
    NUMBER_TAIL.test(this.#text);
    this.#at = NUMBER_TAIL.lastIndex;
    if (this.#at > end) this.#inRange(from);
    else if (count >= EXACT_DIGITS) this.#exact(from);
  }

  #inRange(from: number): void {
    if (!Number.isFinite(Number(this.#text.slice(from, this.#at)))) this.#refuse('unsafe-number', 'the number is beyond the range of a double', from);
  }

  /** Refuses what reading would change. A large integer that comes back as it was written is safe: `JSON.stringify` writes such ones. */
  #exact(from: number): void {
    const digits = this.#text.slice(from, this.#at);
    if (String(Number(digits)) !== digits) this.#refuse('unsafe-number', 'the integer is beyond 2^53 - 1 and would be read as another one', from);
  }

  #word(word: string): void {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected();
    this.#at += word.length;
  }

  #space(): void {
    for (;;) {
      const code = this.#code();
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  /** The code unit here; -1 at the end. */
  #code(): number {
    return this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : -1;
  }

  #unexpected(at: number = this.#at): never {
    const end = at >= this.#text.length;
    const mark = at === 0 && this.#text.charCodeAt(0) === 0xfeff;
    this.#refuse('not-json', end ? 'the text ends too early' : mark ? 'a byte order mark stands before it' : 'a character that JSON does not allow here', at);
  }

  #refuse(code: ErrorCode, reason: string, offset: number = this.#at, name?: string): never {
    const path = pathAt(this.#text, offset, name);
    throw new SemelError(code, `${reason}: at ${path}, offset ${offset}`, { details: { path, offset } });
  }
}

/** The path of what stands at the offset; what is before it has been scanned. Only refusals pay for it. */
function pathAt(text: string, offset: number, name?: string): string {
  const steps: (PropertyKey | undefined)[] = []; // of each open container its member or index; undefined until the member is named
  for (let at = 0; at < offset; at++) {
    const last = steps.length - 1;
    const step = steps[last];
    switch (text[at]) {
      case '{':
        steps.push(undefined);
        break;
      case '[':
        steps.push(0);
        break;
      case '}':
      case ']':
        steps.pop();
        break;
      case ',':
        steps[last] = typeof step === 'number' ? step + 1 : undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (last >= 0 && step === undefined && end <= offset) steps[last] = JSON.parse(text.slice(at, end)) as string;
        at = end - 1;
      }
    }
  }
  if (name !== undefined) steps[steps.length - 1] = name;
  return jsonPath(steps.filter((step) => step !== undefined));
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}
