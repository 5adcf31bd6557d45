import { MAX_JSON_DEPTH } from './canonical-json.ts';
import { type DecodeOptions, decodeCloudEvent, encodeCloudEvent, fromCloudEvent, toCloudEvent } from './cloudevents.ts';
import type { Delivery } from './delivery.ts';
import { checkForeign, type ForeignMessages, readForeign } from './foreign.ts';
import type { Message, SealedMessage } from './message.ts';
import { oneOf } from './options.ts';
import { type JsonLimits, readJson } from './read-json.ts';
import type { WireRecord } from './wire-record.ts';

/** A message on its way to a broker. */
export interface Outgoing {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the records of a topic are written and read; every transport takes these options. */
export interface WireOptions {
  /** `structured`: one JSON object holds all. `binary`: the body is the data, and attributes are headers. Both are read. @default 'structured' */
  readonly format?: 'structured' | 'binary';
  /** How to read what is no CloudEvent, for others write to the topic as well. @default it is refused, and dead-lettered */
  readonly foreign?: ForeignMessages;
}

/** The names of {@link WireOptions}. */
export const WIRE_OPTIONS: readonly (keyof WireOptions)[] = ['format', 'foreign'];

const STRUCTURED = 'application/cloudevents+json';

/** Turns messages into records and back, as CloudEvents 1.0 binds them to brokers. */
export class Wire {
  readonly #prefix: string;
  readonly #binary: boolean;
  readonly #foreign: ForeignMessages | undefined;

  /**
   * @param where names the transport in errors
   * @param prefix stands before the attributes among the headers: `ce_` in Kafka's binding
   * @throws SemelError `bad-option`
   */
  constructor(where: string, prefix: string, { format = 'structured', foreign }: WireOptions) {
    this.#prefix = prefix;
    this.#binary = oneOf(where, 'format', format, ['structured', 'binary']) === 'binary';
    this.#foreign = foreign && checkForeign(where, foreign);
  }

  /** The record of a message. */
  encode(sealed: SealedMessage): Outgoing {
    if (!this.#binary) return this.encodeStructured(sealed);
    const { data: _, datacontenttype, ...attributes } = toCloudEvent(sealed.message);
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`${this.#prefix}${name}`, String(value)]));
    return { body: sealed.json, headers: { 'content-type': String(datacontenttype), ...headers } };
  }

  /** The record of a message as one JSON object, whatever the format: for what a broker's headers cannot carry. */
  encodeStructured(sealed: SealedMessage): Outgoing {
    return { body: encodeCloudEvent(sealed), headers: { 'content-type': `${STRUCTURED}; charset=utf-8` } };
  }

  /** The content of a delivery: decoded by the engine, so that what cannot be read is dead-lettered like any other failure. */
  content(record: WireRecord, topic: string): Delivery['content'] {
    return { bytes: record.body, decode: (limits) => this.read(record, topic, limits) };
  }

  /** The message of a record; throws as `decodeCloudEvent` does. */
  read(record: WireRecord, topic: string, limits: JsonLimits): Message {
    const options = { ...limits, ...(record.atMs === undefined ? {} : { receivedAtMs: record.atMs }) };
    const { body, headers } = record;
    if (headers[`${this.#prefix}specversion`] !== undefined) return this.#readBinary(record, topic, options);
    if (this.#foreign === undefined || headers['content-type']?.startsWith(STRUCTURED)) return decodeCloudEvent(body, topic, options);
    const { receivedAtMs, maxDepth = MAX_JSON_DEPTH, ...bounds } = options;
    const value = readJson(body, { ...bounds, maxDepth: maxDepth + 1 });
    return saysItIsAnEvent(value) ? fromCloudEvent(value, topic, receivedAtMs) : readForeign(this.#foreign, value, record, topic);
  }

  #readBinary({ body, headers }: WireRecord, topic: string, options: DecodeOptions): Message {
    const attributes = Object.entries(headers).flatMap(([name, value]) => (name.startsWith(this.#prefix) ? [[name.slice(this.#prefix.length), value]] : []));
    const { receivedAtMs, ...limits } = options;
    const event = { ...Object.fromEntries(attributes), datacontenttype: headers['content-type'] ?? 'application/json' };
    return fromCloudEvent({ ...event, data: body.length === 0 ? null : readJson(body, limits) }, topic, receivedAtMs);
  }
}

/** Where a broker has no place for a content type, the event itself says that it is one. */
function saysItIsAnEvent(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { readonly specversion?: unknown }).specversion === '1.0';
}
