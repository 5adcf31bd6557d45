import type { Delivery, Failure } from '../../core/delivery.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import type { MemoryLane } from './memory-lane.ts';

/** A message as it was published into the store; kept for late joiners and to recognise a second publish. */
export interface StoredMessage {
  readonly sealed: SealedMessage;
  readonly publishedAtMs: number;
  /** Before this time nobody receives it. */
  readonly notBeforeMs: number;
  /** Rows that still refer to it. */
  rows: number;
}

/** What is kept of a message: its data as text, out of every consumer's reach. */
export type KeptContent = (Omit<SealedMessage, 'fingerprint'> & Partial<Pick<SealedMessage, 'fingerprint'>>) | { readonly bytes: Uint8Array };

/** What a row is made of. */
export interface NewRow {
  readonly topic: string;
  readonly key: string | undefined;
  readonly content: KeptContent;
  readonly publishedAtMs: number;
  /** Failed tries and tries that ended their process. */
  readonly attempts: number;
  readonly history: readonly Failure[];
  /** Absent for a message that a transport brought. */
  readonly stored?: StoredMessage;
  /** One string for its identity, where the row keeps a message that a transport brought. */
  readonly parkedAs?: string;
}

/**
 * A message on its way to one subscription.
 * - `delayed`: not yet due, and not yet in its key's order;
 * - `ready`: to be handed out once it heads its lane;
 * - `in-flight`: handed out under `fence` until `dueMs`;
 * - `retrying`: again at `dueMs`; it keeps its place;
 * - `held`: dead, and its key waits for somebody's decision;
 * - `gone`: settled.
 */
export interface MemoryRow extends Omit<NewRow, 'attempts' | 'history'> {
  readonly item: number;
  /** It carries its place as the header `sequence`. */
  readonly numbered: boolean;
  state: 'delayed' | 'ready' | 'in-flight' | 'retrying' | 'held' | 'gone';
  lane: MemoryLane<MemoryRow>;
  /** Ascends along a lane; 0 while it has none. */
  place: number;
  dueMs: number;
  fence: number;
  /** That of a suspect in flight is in it already. */
  attempts: number;
  history: readonly Failure[];
  /** It was in flight when its lease ran out; it is handed out alone until it is settled. */
  suspect: boolean;
}

/** The row as its consumer receives it. */
export function deliveryOf(row: MemoryRow): Delivery {
  return {
    topic: row.topic,
    content: contentOf(row),
    receipt: { kind: 'item', item: row.item, fence: row.fence },
    attempt: row.suspect ? row.attempts : row.attempts + 1,
    ...(row.history.length > 0 ? { history: row.history } : {}),
    ...(row.suspect ? { suspect: true } : {}),
  };
}

/** The sequence is padded, since CloudEvents has it sort as text. */
function contentOf({ content, numbered, place }: MemoryRow): Delivery['content'] {
  if (!('message' in content)) return content;
  const message = messageOf(content);
  return { ...content, message: numbered ? { ...message, headers: { ...message.headers, sequence: String(place).padStart(16, '0') } } : message };
}

/** The message with data of its own: what is done to it reaches nobody else. */
export function messageOf({ message, json }: Extract<KeptContent, { readonly message: Message }>): Message {
  return { ...message, data: JSON.parse(json), headers: { ...message.headers } };
}
