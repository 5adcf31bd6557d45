import { canonicalJson } from './canonical-json.ts';
import { checkHeaders, identifying } from './cloudevents.ts';
import { SemelError } from './errors.ts';
import type { Message } from './message.ts';
import { badOption, checkOptions } from './options.ts';
import { fingerprintOf } from './seal.ts';
import type { WireRecord } from './wire-record.ts';

/** Where a value stands: in the body (`order.id`, a path of member names), in a header, or in what the broker orders by. */
export type Place = { readonly field: string } | { readonly header: string } | 'record-key';

/**
 * How to read messages that were not written by Semel. Their identity is chosen, never guessed: an id that the broker gives on receipt would
 * make every redelivery a new message.
 *
 * @example
 * { source: 'legacy-shop', id: { field: 'order.id' }, key: { field: 'order.customer' } }
 */
export interface ForeignMessages {
  /** The source of all of them: with the id their identity. */
  readonly source: string;
  /** `fingerprint`: the content itself, where two equal messages are one event. */
  readonly id: Place | 'fingerprint';
  /** @default none, so that they are in no order */
  readonly key?: Place;
  /** @default the topic's name */
  readonly type?: Place;
  /** RFC 3339. @default when the broker took it */
  readonly time?: Place;
}

/** What is passed on of a foreign record's headers: the trace that it belongs to. */
const TRACE = ['traceparent', 'tracestate'];

/** Copies and checks; throws `bad-option`. */
export function checkForeign(where: string, foreign: ForeignMessages): ForeignMessages {
  checkOptions(`${where}, foreign`, foreign, ['source', 'id', 'key', 'type', 'time']);
  const { source, id, key, type, time } = foreign;
  if (typeof source !== 'string' || source === '') throw badOption(`${where}, foreign`, 'source', source, 'a text that stands for where they come from');
  if (id !== 'fingerprint') checkPlace(where, 'id', id);
  for (const [name, place] of Object.entries({ key, type, time })) if (place !== undefined) checkPlace(where, name, place);
  return Object.freeze({ ...foreign });
}

function checkPlace(where: string, name: string, place: unknown): void {
  const given = typeof place === 'object' && place !== null ? Object.entries(place) : [];
  const [[kind, value] = []] = given;
  if (place === 'record-key' || (given.length === 1 && (kind === 'field' || kind === 'header') && typeof value === 'string' && value !== '')) return;
  throw badOption(`${where}, foreign`, name, place, "{ field: 'a.b' }, { header: 'name' } or 'record-key'");
}

/**
 * The message of a foreign record.
 *
 * @param data its body, parsed
 * @throws SemelError `field-missing` naming the place of an id, key, type or time that is not there (trap 14)
 */
export function readForeign(foreign: ForeignMessages, data: unknown, record: WireRecord, topic: string): Message {
  const at = (name: string, place: Place) => identifying(name, textAt(name, place, data, record));
  const type = foreign.type === undefined ? topic : at('type', foreign.type);
  const id = foreign.id === 'fingerprint' ? `sha256-${fingerprintOf(type, canonicalJson(data))}` : at('id', foreign.id);
  const time = foreign.time === undefined ? new Date(record.atMs ?? 0).toISOString() : timestamp(at('time', foreign.time));
  const headers = checkHeaders(Object.fromEntries(TRACE.flatMap((name) => (record.headers[name] === undefined ? [] : [[name, record.headers[name]]]))));
  const message = { topic, id, source: foreign.source, type, time, data, headers };
  return foreign.key === undefined ? message : { ...message, key: at('key', foreign.key) };
}

function textAt(name: string, place: Place, data: unknown, { headers, key }: WireRecord): string {
  const value = place === 'record-key' ? key : 'header' in place ? headers[place.header.toLowerCase()] : fieldOf(data, place.field);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  const found = value === undefined || value === null ? 'is missing' : 'is neither a text nor an integer';
  throw new SemelError('field-missing', `${nameOfPlace(place)} ${found}; the ${name} of foreign messages is read from there`, { details: { field: name } });
}

function fieldOf(data: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, member) => (typeof value === 'object' && value !== null && Object.hasOwn(value, member) ? (value as Record<string, unknown>)[member] : undefined),
      data,
    );
}

function nameOfPlace(place: Place): string {
  if (place === 'record-key') return "the record's key";
  return 'header' in place ? `header \`${place.header}\`` : `field \`${place.field}\``;
}

function timestamp(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new SemelError('not-cloudevent', 'the time of a foreign message is no timestamp');
  return new Date(ms).toISOString();
}
