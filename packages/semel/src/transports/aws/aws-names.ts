import { hash } from 'node:crypto';
import { type Identity, identityKey } from '../../core/message.ts';

/** What AWS's FIFO queues and topics take as a group or a deduplication id. */
const NAME = /^[!-~]{1,128}$/;

/** One id per identity, for FIFO queues and topics: 64 characters, the same at every publish. */
export function deduplicationIdOf(identity: Identity): string {
  return hash('sha256', identityKey(identity), 'hex');
}

/** The group of a key; where AWS does not take the key as it is, one that stands for it. */
export function groupIdOf(key: string): string {
  return NAME.test(key) ? key : hash('sha256', key, 'hex');
}

/**
 * A text without the two characters that AWS refuses and JSON allows as they are; there they stand in strings only, where an escape is the same.
 * JSON escapes the others itself.
 */
export function withoutNoncharacters(json: string): string {
  return json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** Whether AWS takes it as the value of a message attribute. */
export function isAttributeValue(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ones that AWS refuses
  return text !== '' && !/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(text);
}

/** Message attributes of one message, at most. */
export const MAX_ATTRIBUTES = 10;
