import { hash } from 'node:crypto';
import { SemelError } from '../../core/errors.ts';
import { badOption } from '../../core/options.ts';

/** Where payloads go that a broker does not take: a bucket, a folder, a table. */
export interface LargePayloads {
  /** Resolves once the bytes are safe. The same key gets the same bytes again when a publish is repeated. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is nothing under the key: the message is dead-lettered then. A rejection means trouble, and it is tried again. */
  get(key: string): Promise<Uint8Array | undefined>;
}

/** A reference is short: what is longer is none, and need not be parsed. */
const MAX_REFERENCE_BYTES = 1_024;
const MEMBER = 'semelpayload';
const KEY = /^[a-z0-9._-]{1,100}\/[0-9a-f]{64}$/;

/** The option, if it is one; throws `bad-option` otherwise. */
export function checkLargePayloads(where: string, given: LargePayloads): LargePayloads {
  if (typeof given?.put === 'function' && typeof given?.get === 'function') return given;
  throw badOption(where, 'largePayloads', given, 'an object with the functions `put` and `get`');
}

/** Puts the body aside and answers the reference to send in its place. Its key is the content's own hash: whoever writes references to the broker can name no other content. */
export async function checkIn(payloads: LargePayloads, topic: string, body: string): Promise<string> {
  const key = `${topic}/${hash('sha256', body, 'hex')}`;
  const bytes = Buffer.from(body);
  await payloads.put(key, bytes);
  return JSON.stringify({ [MEMBER]: key, bytes: bytes.length });
}

/** The key that a body refers to; undefined where it is a body of its own. */
export function referenceIn(body: Uint8Array): string | undefined {
  if (body.length > MAX_REFERENCE_BYTES || !Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(MEMBER)) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(body).toString())?.[MEMBER];
    return typeof key === 'string' && KEY.test(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Fetches what a reference stands for.
 *
 * @returns the body; an error where it is gone or is not what was put there, so that no retry can mend it
 * @throws what `get` does
 */
export async function checkOut(payloads: LargePayloads, key: string): Promise<Uint8Array | SemelError> {
  const bytes = await payloads.get(key);
  if (bytes === undefined) return new SemelError('payload-missing', `the payload store has nothing under ${key}`, { details: { key } });
  if (hash('sha256', bytes, 'hex') === key.slice(key.indexOf('/') + 1)) return bytes;
  return new SemelError('payload-missing', `the payload store has something else under ${key} than was put there`, { details: { key } });
}
