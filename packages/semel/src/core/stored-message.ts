import { createHash } from 'node:crypto';
import type { Failure } from './delivery.ts';
import type { Message, SealedMessage } from './message.ts';
import { seal } from './seal.ts';
import type { WorkItem } from './store.ts';

/** How many failed tries are kept of a message. */
const MAX_HISTORY = 10;

/** A message as its columns hold it. */
export interface MessageRow {
  readonly source: string;
  readonly id: string;
  readonly topic: string;
  readonly type: string;
  readonly key: string | null;
  readonly time: string;
  readonly headers: string;
  readonly data: string;
}

/** The message of a row. */
export function messageOf(row: MessageRow, extra?: Readonly<Record<string, string>>): Message {
  const { source, id, topic, type, key, time } = row;
  const headers = { ...extra, ...(row.headers === '{}' ? undefined : (JSON.parse(row.headers) as Record<string, string>)) };
  const message = { source, id, topic, type, time, data: JSON.parse(row.data), headers };
  return key === null ? message : { ...message, key };
}

/** The message of an item, to be kept: its data is the text that arrived, whatever a handler has made of the object. Undefined where its bytes could not be decoded. */
export function sealedOf(item: WorkItem): SealedMessage | undefined {
  const { message } = item;
  return message && { message, json: item.json ?? seal(message).json, fingerprint: fingerprintOf(item) };
}

/** The fingerprint of an item; empty where nobody worked one out. */
export function fingerprintOf(item: WorkItem): string {
  const { content } = item.delivery;
  return item.claim?.fingerprint ?? ('message' in content ? (content.fingerprint ?? '') : '');
}

/** The failed tries of an item, the newest last, as the column holds them. */
export function historyOf(item: WorkItem, failure: Failure): string {
  return JSON.stringify([...(item.delivery.history ?? []), failure].slice(-MAX_HISTORY));
}

/** An identity for bytes that could not be decoded: the same bytes get the same one. */
export function bytesIdentity(topic: string, bytes: Uint8Array): { readonly source: string; readonly id: string } {
  return { source: topic, id: `sha256-${createHash('sha256').update(bytes).digest('base64url')}` };
}

/** Headers as their column holds them; most messages have none. */
export function headersJson(headers: Message['headers']): string {
  for (const _ in headers) return JSON.stringify(headers);
  return '{}';
}
