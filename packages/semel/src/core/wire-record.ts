/** A message as a broker carries it: bytes, with texts beside them. */
export interface WireRecord {
  readonly body: Uint8Array;
  /** By names in lower case; `content-type` among them, whatever the broker has for it. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the broker orders or groups by, where the record has it. */
  readonly key?: string;
  /** When the broker took it, in milliseconds since 1970: the time of a message that names none. */
  readonly atMs?: number;
}
