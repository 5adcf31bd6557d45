import { hash } from 'node:crypto';
import { checkHeaders, encodeCloudEvent } from './cloudevents.ts';
import { SemelError } from './errors.ts';
import type { Identity, Message, SealedMessage } from './message.ts';
import { timeOf } from './options.ts';
import { seal } from './seal.ts';
import { validate } from './standard-schema.ts';
import type { AnyTopic, TopicInput } from './topic.ts';
import { identify, typeOf } from './topic.ts';

/** What a publisher may say of a message beyond its data. */
export interface PublishOptions {
  /** The event type; needed where the topic has several. */
  readonly type?: string;
  /** @default what the topic's `id` makes of the data */
  readonly id?: string;
  /** @default what the topic's `key` makes of the data */
  readonly key?: string;
  /** CloudEvents extension attributes, added to those that are passed on from the cause. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not before this time. Its place in its key's order is that of its due time. */
  readonly notBefore?: Date;
  /** When the event happened. @default now */
  readonly time?: Date;
}

/**
 * Publishes to a topic; resolves with the message's identity once it is staged in the transaction.
 *
 * Rejects with `schema-invalid`, `field-missing`, `unknown-type`, `undeclared-publish`, or `identity-conflict`.
 */
export type Publish<Topics extends AnyTopic = AnyTopic> = <T extends Topics>(topic: T, data: TopicInput<T>, options?: PublishOptions) => Promise<Identity>;

/** Who publishes, and because of what. */
export interface Origin {
  /** The name given to `createSemel`; sources start with it. */
  readonly name: string;
  readonly nowMs: number;
  /** Most bytes of a message as a CloudEvent; consumers refuse what is larger. */
  readonly maxBytes: number;
  /** The message whose handler publishes, and the how manieth publish of that handler this is. */
  readonly cause?: { readonly consumer: string; readonly message: Message; readonly call: number };
}

/**
 * Makes data into a message ready to be staged: validated, identified, sealed. Synchronous where the schema is.
 *
 * The wire carries what was given, not what the schema made of it. An id comes from the options, else from the topic, else, in a
 * handler, from (consumer, cause, call), so that a retry makes the same.
 */
export function prepare(topic: AnyTopic, data: unknown, options: PublishOptions, origin: Origin): SealedMessage | Promise<SealedMessage> {
  const type = typeOf(topic, options.type);
  const validated = validate(type.schema, data, `topic ${topic.name}`);
  if (validated instanceof Promise) return validated.then(() => sealed(topic, data, options, origin));
  return sealed(topic, data, options, origin);
}

/** The source of what `name` publishes on a topic. */
function sourceOf(topic: AnyTopic, name: string): string {
  return topic.source ?? `${name}/${topic.name}`;
}

function sealed(topic: AnyTopic, data: unknown, options: PublishOptions, origin: Origin): SealedMessage {
  const { type, id, key } = identify(topic, data, options);
  if (options.notBefore !== undefined) timeOf('publish', 'notBefore', options.notBefore);
  const made = seal({
    topic: topic.name,
    source: sourceOf(topic, origin.name),
    id: id ?? derivedId(topic, origin),
    type,
    time: timeText(options.time === undefined ? origin.nowMs : timeOf('publish', 'time', options.time)),
    ...(key === undefined ? {} : { key }),
    data,
    headers: headersOf(options.headers, origin.cause?.message),
  });
  refuseLarge(made, origin.maxBytes);
  return made;
}

/** Far more than id, source, key and usual headers take. */
const ENVELOPE_BYTES = 65_536;

/** What a consumer would refuse on receipt is refused here, where somebody can still act. */
function refuseLarge(sealed: SealedMessage, maxBytes: number): void {
  if (sealed.json.length * 3 + ENVELOPE_BYTES <= maxBytes) return; // UTF-8 takes at most three bytes for a UTF-16 unit
  const bytes = Buffer.byteLength(encodeCloudEvent(sealed));
  if (bytes <= maxBytes) return;
  const { source, id } = sealed.message;
  throw new SemelError(
    'too-large',
    `message ${id} of ${source} has ${bytes} bytes as a CloudEvent; at most ${maxBytes} can be published. Send a reference to the data, or raise limits.maxBytes`,
    {
      details: { bytes, maxBytes },
    },
  );
}

let lastTime = { ms: 0, text: '1970-01-01T00:00:00.000Z' };

/** Messages come many to a millisecond, and a date is dear to print. */
function timeText(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

function derivedId(topic: AnyTopic, { cause }: Origin): string {
  if (cause === undefined) {
    throw new SemelError('field-missing', `topic ${topic.name} declares no \`id\`, so each publish must name one: pass { id }, taken from the business event`, {
      details: { topic: topic.name, field: 'id' },
    });
  }
  return hash('sha256', JSON.stringify([cause.consumer, cause.message.source, cause.message.id, cause.call]), 'base64url');
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
const PASSED_ON = ['traceparent', 'tracestate', 'correlationid'] as const;

function headersOf(given: Readonly<Record<string, string>> | undefined, cause: Message | undefined): Readonly<Record<string, string>> {
  const own = given === undefined ? NO_HEADERS : checkHeaders(given);
  if (cause === undefined) return own;
  const headers: Record<string, string> = { correlationid: cause.id, causationid: cause.id };
  for (const name of PASSED_ON) {
    const value = cause.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return given === undefined ? headers : { ...headers, ...own };
}
