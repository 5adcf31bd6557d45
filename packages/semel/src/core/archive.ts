import { SemelError } from './errors.ts';
import type { Message } from './message.ts';

/** A message that is about to leave its store, with what the store knows of it. */
export interface ArchivedMessage {
  readonly message: Message;
  /** SHA-256 over type and data, base64url; empty where nobody worked it out. */
  readonly fingerprint: string;
  /** When it came into the store, in milliseconds since 1970. */
  readonly publishedAtMs: number;
}

/**
 * Keeps messages that a store is about to remove: they are removed once it resolves, so it resolves only when they are durable. Where it rejects, or the process
 * dies, they stay, and come again, perhaps among others: it must be idempotent. A message is told by its identity and `publishedAtMs`.
 */
export type Archive = (messages: readonly ArchivedMessage[]) => Promise<void>;

/** Gives messages to the archive. @throws SemelError `archive-failed`, whatever it threw */
export async function keep(archive: Archive, messages: readonly ArchivedMessage[]): Promise<void> {
  try {
    await archive(messages);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new SemelError('archive-failed', `the archive did not take ${messages.length} messages, which stay in the store: ${reason}`, { cause });
  }
}
