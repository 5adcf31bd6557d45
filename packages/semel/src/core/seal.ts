import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Delivery } from './delivery.ts';
import type { Message, SealedMessage } from './message.ts';

/**
 * Makes a message ready to be stored or sent. Its data is read once, here: what happens to the object later changes neither text nor fingerprint.
 *
 * @throws SemelError as {@link canonicalJson} does
 */
export function seal(message: Message): SealedMessage {
  const json = canonicalJson(message.data);
  return { message, json, fingerprint: fingerprintOf(message.type, json) };
}

/** The message of a delivery, sealed: with the text and the fingerprint that its transport kept, or sealed anew. */
export function sealedOf(content: Extract<Delivery['content'], { readonly message: Message }>): SealedMessage {
  const { message, fingerprint, json } = content;
  return fingerprint !== undefined && json !== undefined ? { message, fingerprint, json } : seal(message);
}

/**
 * SHA-256 over type and data, base64url: 43 characters.
 *
 * @param type an event type; it has no line break, so type and data cannot run into each other
 * @param json the data as {@link canonicalJson} writes it
 */
export function fingerprintOf(type: string, json: string): string {
  return hash('sha256', `${type}\n${json}`, 'base64url');
}
