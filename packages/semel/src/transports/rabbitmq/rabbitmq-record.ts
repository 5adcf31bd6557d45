import type { SealedMessage } from '../../core/message.ts';
import type { Outgoing } from '../../core/wire.ts';
import type { WireRecord } from '../../core/wire-record.ts';
import type { RabbitmqMessage } from './rabbitmq-client.ts';

/** Before the attributes among the headers, in lower case, as records have it. */
export const HEADER_PREFIX = 'cloudevents_';
/** As CloudEvents' binding to AMQP writes it. */
const WRITTEN_PREFIX = 'cloudEvents_';
/** The other form that the binding allows. */
const COLON_PREFIX = 'cloudevents:';
/** A short string of AMQP 0-9-1: routing keys and properties. */
export const MAX_SHORT_BYTES = 255;

/** The properties of a message on its way out. It outlives its broker; its message id is its event's, where that is short enough for one. */
export function propertiesOf({ message }: SealedMessage, { headers: { 'content-type': contentType, ...headers } }: Outgoing): Readonly<Record<string, unknown>> {
  const attributes = Object.entries(headers).map(([name, value]) => [name.startsWith(HEADER_PREFIX) ? `${WRITTEN_PREFIX}${name.slice(HEADER_PREFIX.length)}` : name, value]);
  return {
    persistent: true,
    mandatory: true, // what no queue takes would be confirmed all the same (trap 30)
    contentType,
    headers: Object.fromEntries(attributes),
    timestamp: Math.floor(Date.parse(message.time) / 1_000),
    ...(Buffer.byteLength(message.id) <= MAX_SHORT_BYTES ? { messageId: message.id } : {}),
  };
}

/** A message that came in. Its properties stand among the headers: `message-id`, `content-type`. */
export function recordOf({ content, fields, properties }: RabbitmqMessage): WireRecord {
  const { headers = {}, contentType, messageId, timestamp } = properties;
  const texts = Object.entries({ ...headers, 'content-type': contentType, 'message-id': messageId }).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[nameOf(name), String(value)]] : [],
  );
  const record = { body: content, headers: Object.fromEntries(texts), key: fields.routingKey };
  return typeof timestamp === 'number' ? { ...record, atMs: timestamp * 1_000 } : record;
}

function nameOf(header: string): string {
  const name = header.toLowerCase();
  return name.startsWith(COLON_PREFIX) ? `${HEADER_PREFIX}${name.slice(COLON_PREFIX.length)}` : name;
}
