/** Bytes to be recognised: a text (in UTF-8), the bytes themselves, or a regular expression over one character (U+0000 to U+00FF) per byte. */
export type BytePattern = string | Uint8Array | RegExp;

/** A part of a piece of a stream; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How much of what went before a match may reach back into. */
const WINDOW = 64 * 1024;

/** Finds a pattern in a stream that comes in pieces, wherever the cuts between them are. */
export class StreamSearch {
  readonly #find: (bytes: Buffer) => Span | undefined;
  #before: Buffer = Buffer.alloc(0);

  constructor(pattern: BytePattern) {
    this.#find = pattern instanceof RegExp ? finderOf(pattern) : literalFinder(Buffer.from(pattern));
  }

  /** Where in the next piece the first match is; one that began in an earlier piece starts at 0. After a match the search begins anew. */
  next(piece: Buffer): Span | undefined {
    const bytes = Buffer.concat([this.#before, piece]);
    const offset = this.#before.length;
    const found = this.#find(bytes);
    this.#before = found === undefined ? bytes.subarray(-WINDOW) : Buffer.alloc(0);
    return found && { start: Math.max(0, found.start - offset), end: Math.max(0, found.end - offset) };
  }
}

function literalFinder(literal: Buffer): (bytes: Buffer) => Span | undefined {
  return (bytes) => {
    const start = bytes.indexOf(literal);
    return start === -1 ? undefined : { start, end: start + literal.length };
  };
}

function finderOf({ source, flags }: RegExp): (bytes: Buffer) => Span | undefined {
  const stateless = new RegExp(source, flags.replace(/[gy]/g, ''));
  return (bytes) => {
    const match = stateless.exec(bytes.toString('latin1'));
    return match?.[0] ? { start: match.index, end: match.index + match[0].length } : undefined;
  };
}
