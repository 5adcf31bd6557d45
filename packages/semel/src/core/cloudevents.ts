import { MAX_JSON_DEPTH } from './canonical-json.ts';
import { type ErrorCode, SemelError } from './errors.ts';
import type { Message, SealedMessage } from './message.ts';
import { type JsonLimits, readJson } from './read-json.ts';

/** The most characters that an id, a source or a key may have: stores index them. */
const MAX_IDENTITY_LENGTH = 1_024;

/** What decoding may be told beside the bounds of the JSON; `maxDepth` is that of the data. */
export interface DecodeOptions extends JsonLimits {
  /** The time of an event that names none, in milliseconds since 1970. @default 0 */
  readonly receivedAtMs?: number;
}

/** Attributes that a message has fields for. `subject` and `dataschema` pass through as headers. */
const FIELDS: ReadonlySet<string> = new Set(['specversion', 'id', 'source', 'type', 'time', 'datacontenttype', 'partitionkey', 'data', 'data_base64']);
const HEADER_NAME = /^[a-z0-9]{1,64}$/;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;.*)?$/i;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** A CloudEvents 1.0 event in structured JSON form. The data is spliced in as it was sealed, not serialised again. */
export function encodeCloudEvent(sealed: SealedMessage): string {
  const { data: _, ...attributes } = toCloudEvent(sealed.message);
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${sealed.json}}`;
}

/** The same event as an object, for what takes objects. */
export function toCloudEvent(message: Message): Record<string, unknown> {
  const { id, source, type, time, key, headers, data } = message;
  const event: Record<string, unknown> = { specversion: '1.0', id, source, type, time, datacontenttype: 'application/json' };
  if (key !== undefined) event.partitionkey = key;
  return Object.assign(event, headers, { data });
}

/**
 * Reads an event that came from outside.
 *
 * @param topic the topic that it came on; not part of the event
 * @throws SemelError as {@link readJson} and {@link fromCloudEvent} do
 */
export function decodeCloudEvent(bytes: Uint8Array | string, topic: string, options: DecodeOptions = {}): Message {
  const { maxDepth = MAX_JSON_DEPTH, receivedAtMs, ...limits } = options;
  // The envelope is one level more: data that could be sealed can be read.
  const event = readJson(bytes, { ...limits, maxDepth: maxDepth + 1 });
  return fromCloudEvent(event, topic, receivedAtMs);
}

/**
 * The message that an event carries: `partitionkey` becomes its key, every other attribute beyond the message's own a header. An event
 * without data has the data null.
 *
 * @param value an event as parsed JSON
 * @param receivedAtMs the time of an event that names none
 * @throws SemelError `not-cloudevent` naming the attribute, `field-missing` for an empty id, source or key, `too-large` for one beyond 1,024 characters
 */
export function fromCloudEvent(value: unknown, topic: string, receivedAtMs: number = 0): Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal('the event', 'is not a JSON object');
  const event = value as Readonly<Record<string, unknown>>;
  if (required(event, 'specversion') !== '1.0') throw refusal('`specversion`', "is not '1.0'");
  if ('data_base64' in event) throw refusal('`data_base64`', 'is binary data; a message carries JSON, in `data`');
  checkContentType(event);
  const key = scalar(event, 'partitionkey');
  const message = {
    topic,
    id: identifying('id', required(event, 'id')),
    source: identifying('source', required(event, 'source')),
    type: checkType(required(event, 'type')),
    time: timeOf(event, receivedAtMs),
    data: event.data ?? null,
    headers: headersOf(event),
  };
  return key === undefined ? message : { ...message, key: identifying('partitionkey', key) };
}

/**
 * A frozen copy of headers that every transport can carry: names of 1 to 64 lower-case letters and digits, none of them a field of the
 * message; values are strings.
 *
 * @param code what a refusal is called: an option's where the user gave the headers, an event's where they came from outside
 * @throws SemelError `bad-option` naming the header
 */
export function checkHeaders(headers: Readonly<Record<string, string>>, code: ErrorCode = 'bad-option'): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries<unknown>(headers)) {
    if (FIELDS.has(name)) throw new SemelError(code, `header \`${name}\` is a field of the message itself`, { details: { header: name } });
    if (!HEADER_NAME.test(name)) throw new SemelError(code, `header ${quoted(name)}: a name has 1 to 64 of a-z and 0-9`, { details: { header: name.slice(0, 64) } });
    if (typeof value !== 'string' || !value.isWellFormed()) throw new SemelError(code, `header \`${name}\` is not a string of Unicode text`, { details: { header: name } });
  }
  return Object.freeze({ ...headers });
}

/**
 * An id, source or key that can identify: neither empty nor too long to be indexed.
 *
 * @throws SemelError `field-missing`, `too-large`, `not-json` (half of a surrogate pair)
 */
export function identifying(name: string, value: string): string {
  if (value === '') throw new SemelError('field-missing', `\`${name}\` is empty: it would be one for all messages`, { details: { field: name } });
  if (value.length > MAX_IDENTITY_LENGTH)
    throw new SemelError('too-large', `\`${name}\` has ${value.length} characters; at most ${MAX_IDENTITY_LENGTH} are taken`, { details: { field: name } });
  if (!value.isWellFormed()) throw new SemelError('not-json', `\`${name}\` holds half of a surrogate pair, which is no Unicode text`, { details: { field: name } });
  return value;
}

function headersOf(event: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(event)) {
    if (FIELDS.has(name)) continue;
    const value = scalar(event, name);
    if (value !== undefined) headers[name] = value;
  }
  return checkHeaders(headers, 'not-cloudevent');
}

function required(event: Readonly<Record<string, unknown>>, name: string): string {
  const value = event[name];
  if (value === undefined || value === null) throw refusal(`\`${name}\``, 'is missing');
  if (typeof value !== 'string') throw refusal(`\`${name}\``, 'is not a string');
  return value;
}

/** An optional attribute as text: CloudEvents allows numbers and booleans, and has null mean absent. */
function scalar(event: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = event[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw refusal(quoted(name), 'is an object or an array; attributes are scalars');
  return String(value);
}

function checkType(type: string): string {
  if (type === '' || /[\s\p{Cc}]/u.test(type)) throw refusal('`type`', 'is empty or has white space');
  return type;
}

function checkContentType(event: Readonly<Record<string, unknown>>): void {
  const type = scalar(event, 'datacontenttype');
  if (type !== undefined && !JSON_TYPE.test(type)) throw refusal('`datacontenttype`', 'is not that of JSON');
}

function timeOf(event: Readonly<Record<string, unknown>>, receivedAtMs: number): string {
  const time = scalar(event, 'time');
  if (time === undefined) return new Date(receivedAtMs).toISOString();
  const ms = TIMESTAMP.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(ms)) throw refusal('`time`', 'is not a timestamp of RFC 3339');
  return time.endsWith('Z') ? time : new Date(ms).toISOString();
}

function refusal(what: string, fault: string): SemelError {
  return new SemelError('not-cloudevent', `${what} ${fault}`);
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
