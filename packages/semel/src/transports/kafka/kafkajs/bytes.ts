/** Writes what Kafka's protocol is made of. */
export class ByteWriter {
  readonly #parts: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  int8(value: number): this {
    return this.#add(1, (part) => part.writeInt8(value));
  }

  int16(value: number): this {
    return this.#add(2, (part) => part.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#add(4, (part) => part.writeInt32BE(value));
  }

  int64(value: bigint): this {
    return this.#add(8, (part) => part.writeBigInt64BE(value));
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  text(value: string): this {
    return this.int16(Buffer.byteLength(value)).raw(Buffer.from(value));
  }

  /** With its length plus one before it, in as few bytes as it takes. */
  compactText(value: string): this {
    return this.varint(Buffer.byteLength(value) + 1).raw(Buffer.from(value));
  }

  compactArray<Item>(items: readonly Item[], write: (item: Item) => void): this {
    this.varint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  varint(value: number): this {
    for (let rest = value; ; rest >>>= 7) {
      if (rest < 0x80) return this.raw(Buffer.of(rest));
      this.raw(Buffer.of((rest & 0x7f) | 0x80));
    }
  }

  #add(size: number, write: (part: Buffer) => void): this {
    const part = Buffer.alloc(size);
    write(part);
    return this.raw(part);
  }
}

/** Reads it. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int16(): number {
    return this.take(2).readInt16BE();
  }

  int32(): number {
    return this.take(4).readInt32BE();
  }

  int64(): bigint {
    return this.take(8).readBigInt64BE();
  }

  /** Throws a RangeError where there are not so many. */
  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new RangeError(`an answer of Kafka ends ${length - this.left} bytes too early`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.take(this.int16()).toString();
  }

  varint(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.take(1).readUInt8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Null has the length -1. */
  compactText(): string | null {
    const length = this.varint() - 1;
    return length < 0 ? null : this.take(length).toString();
  }

  compactArray<Item>(read: () => Item): readonly Item[] {
    return Array.from({ length: Math.max(0, this.varint() - 1) }, read);
  }

  /** Fields of later versions, by their numbers. */
  skipTags(): void {
    for (let count = this.varint(); count > 0; count--) {
      this.varint();
      this.take(this.varint());
    }
  }
}
