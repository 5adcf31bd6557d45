import { MAX_JSON_DEPTH } from '../../core/canonical-json.ts';
import { type JsonLimits, readJson } from '../../core/read-json.ts';
import type { WireRecord } from '../../core/wire-record.ts';

/** What SNS writes around a message where raw delivery is off. */
interface Notification {
  readonly Type: 'Notification';
  readonly TopicArn: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Type?: unknown; readonly Value?: unknown }>>;
}

/** What EventBridge writes around an event. */
interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly detail: object;
}

/** EventBridge into SNS into SQS. */
const MAX_ENVELOPES = 3;

/**
 * The record inside what SNS or EventBridge wrapped around it, so that its identity is the publisher's and not the carrier's (trap 32). They are told by shapes that
 * nothing else has; the record itself where it is none of them.
 *
 * @throws SemelError as {@link readJson} does, where it looks like an envelope and cannot be read
 */
export function unwrapped(record: WireRecord, limits: JsonLimits): WireRecord {
  let inner = record;
  for (let depth = 0; depth < MAX_ENVELOPES; depth++) {
    const next = innerOf(inner, limits);
    if (next === undefined) break;
    inner = next;
  }
  return inner;
}

function innerOf(record: WireRecord, limits: JsonLimits): WireRecord | undefined {
  const text = Buffer.from(record.body.buffer, record.body.byteOffset, record.body.byteLength);
  if (!text.includes('"TopicArn"') && !text.includes('"detail-type"')) return undefined;
  const value = readJson(record.body, { ...limits, maxDepth: (limits.maxDepth ?? MAX_JSON_DEPTH) + 2 });
  if (isNotification(value)) return { ...record, body: Buffer.from(value.Message), headers: { ...record.headers, ...attributesOf(value) } };
  if (!isBusEvent(value)) return undefined;
  const { id, source, 'detail-type': type, time, detail } = value;
  return { ...record, body: Buffer.from(JSON.stringify(detail)), headers: { ...record.headers, 'eventbridge-id': id, source, 'detail-type': type, time } };
}

function isNotification(value: unknown): value is Notification {
  const { Type, TopicArn, Message, MessageId } = (value ?? {}) as Record<string, unknown>;
  return Type === 'Notification' && typeof TopicArn === 'string' && TopicArn.startsWith('arn:') && typeof Message === 'string' && typeof MessageId === 'string';
}

function isBusEvent(value: unknown): value is BusEvent {
  const { version, id, source, time, region, resources, detail, 'detail-type': type } = (value ?? {}) as Record<string, unknown>;
  return version === '0' && Array.isArray(resources) && typeof detail === 'object' && detail !== null && [id, source, time, region, type].every((text) => typeof text === 'string');
}

function attributesOf({ MessageAttributes = {} }: Notification): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(MessageAttributes).flatMap(([name, { Type, Value }]) => (Type !== 'Binary' && typeof Value === 'string' ? [[name.toLowerCase(), Value]] : [])),
  );
}
