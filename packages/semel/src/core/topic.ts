import { identifying } from './cloudevents.ts';
import { SemelError } from './errors.ts';
import { jsonPath } from './json-path.ts';
import { badOption, checkOptions, functionOf, nameOf } from './options.ts';
import type { InferInput, InferOutput, StandardSchema } from './standard-schema.ts';

// biome-ignore lint/suspicious/noExplicitAny: the top type of schemas; their input stands in a parameter of `id` and `key`
type AnySchema = StandardSchema<any, any>;

/** How one type of event is checked and identified. */
export interface EventDefinition<Schema extends AnySchema = AnySchema> {
  /** Checks the data: at publish, and again on receipt, where what it makes of the data is what handlers get. */
  readonly schema: Schema;
  /**
   * Names the event, the same each time it is published: `${o.orderId}/placed`. Two events about one thing need two names.
   * Without it each publish must bring an id, or stand in a handler, where one is derived.
   */
  readonly id?: (data: InferInput<Schema>) => string | number;
  /** Messages of one key are handled in order: `o.customerId`. */
  readonly key?: (data: InferInput<Schema>) => string | number;
}

/** A topic of one type of event. */
export interface TopicDefinition<Schema extends AnySchema = AnySchema> extends EventDefinition<Schema> {
  /** CloudEvents source of its messages. @default `<name of the semel>/<topic>` */
  readonly source?: string;
  /** @default the topic's name */
  readonly type?: string;
}

/** A topic of several types of event. */
export interface TypesDefinition<Schemas extends Readonly<Record<string, AnySchema>> = Readonly<Record<string, AnySchema>>> {
  readonly types: { readonly [Type in keyof Schemas]: EventDefinition<Schemas[Type]> };
  /** CloudEvents source of its messages. @default `<name of the semel>/<topic>` */
  readonly source?: string;
}

/** One type of event of a topic, with its name. */
export interface EventType extends EventDefinition {
  readonly type: string;
}

/** A named, typed stream of messages; made by {@link topic}. */
export interface Topic<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly types: ReadonlyMap<string, EventType>;
  readonly source?: string;
  /** Whether any of its types has a key. */
  readonly ordered: boolean;
  /** Exists for the compiler alone. */
  readonly '~data'?: { readonly input: Input; readonly output: Output };
}

/** A topic of whatever data. */
// biome-ignore lint/suspicious/noExplicitAny: the top type of topics
export type AnyTopic = Topic<any, any>;

/** What `publish` takes for a topic. */
export type TopicInput<T extends AnyTopic> = NonNullable<T['~data']>['input'];

/** What a handler of a topic gets. */
export type TopicOutput<T extends AnyTopic> = NonNullable<T['~data']>['output'];

const EVENT_TYPE = /^[^\s\p{C}]{1,255}$/u;

/**
 * Declares a topic. A value: it opens nothing, and publishers and consumers share it.
 *
 * @param name lower-case letters, digits, `.`, `_` and `-`, a letter first, at most 100 characters
 * @throws SemelError `bad-option`
 * @example
 * const orders = topic('orders', { schema: Order, id: (o) => `${o.orderId}/placed`, key: (o) => o.customerId });
 * const orders = topic('orders', { types: { 'order.placed': { schema: Placed }, 'order.cancelled': { schema: Cancelled } } });
 */
export function topic<Schema extends AnySchema>(name: string, definition: TopicDefinition<Schema>): Topic<InferInput<Schema>, InferOutput<Schema>>;
export function topic<Schemas extends Readonly<Record<string, AnySchema>>>(
  name: string,
  definition: TypesDefinition<Schemas>,
): Topic<InferInput<Schemas[keyof Schemas]>, InferOutput<Schemas[keyof Schemas]>>;
export function topic(name: string, definition: TopicDefinition | TypesDefinition): AnyTopic {
  const where = `topic ${nameOf('topic', 'name', name)}`;
  const types = 'types' in definition ? severalTypes(where, definition) : oneType(where, name, definition);
  const ordered = [...types.values()].some((event) => event.key !== undefined);
  const { source } = definition;
  if (source === undefined) return Object.freeze({ name, types, ordered });
  if (typeof source !== 'string') throw badOption(where, 'source', source, 'a string');
  return Object.freeze({ name, types, ordered, source: identifying('source', source) });
}

/**
 * The event type that is meant.
 *
 * @param type may be absent where the topic has one type only
 * @throws SemelError `unknown-type` naming those that the topic declares
 */
export function typeOf(topic: AnyTopic, type?: string): EventType {
  const found = type === undefined && topic.types.size === 1 ? topic.types.values().next().value : topic.types.get(type ?? '');
  if (found !== undefined) return found;
  const known = [...topic.types.keys()];
  const fault = type === undefined ? 'has several types, and none was given' : `has no type ${JSON.stringify(type.slice(0, 100))}`;
  throw new SemelError('unknown-type', `topic ${topic.name} ${fault}; it declares ${known.join(', ')}`, { details: { topic: topic.name, known } });
}

/** What a publish may bring of its own. */
export interface IdentifyOptions {
  readonly type?: string;
  readonly id?: string;
  readonly key?: string;
}

/**
 * Type, id and key of a message to be. What is given wins; the rest is derived by the topic's functions, and is undefined where it has none.
 *
 * @param data in the form that the schema takes
 * @throws SemelError `unknown-type`; `field-missing` where an id or a key is empty, is no string or number, or was made from a member that the
 *   data lacks; `too-large` beyond 1,024 characters; `identity-unstable` where the topic's id function, asked twice the first time, gives two ids
 */
export function identify(
  topic: AnyTopic,
  data: unknown,
  given: IdentifyOptions = {},
): { readonly type: string; readonly id: string | undefined; readonly key: string | undefined } {
  const event = typeOf(topic, given.type);
  return {
    type: event.type,
    id: given.id === undefined ? event.id && steadyId(topic, event.id, data) : identifying('id', given.id),
    key: given.key === undefined ? event.key && derive(topic, 'key', event.key, data) : identifying('key', given.key),
  };
}

/** The id functions that gave one id twice. */
const steady = new WeakSet<object>();

/** The first time a function is asked twice: where chance or a counter is in its ids, they name no event. */
function steadyId(topic: AnyTopic, from: (data: unknown) => unknown, data: unknown): string {
  const id = derive(topic, 'id', from, data);
  if (steady.has(from)) return id;
  if (derive(topic, 'id', from, data) !== id) throw identityUnstable('publish', topic.name);
  steady.add(from);
  return id;
}

/** The refusal of a topic whose `id` gives an event another name each time. */
export function identityUnstable(where: string, topic: string): SemelError {
  return new SemelError(
    'identity-unstable',
    `${where}: the \`id\` of topic ${topic} gave two ids for the same data: chance, the time or a counter is in it. An event that is published again is then another message, and is handled again. Make the id from the business event: \`\${order.id}/placed\``,
    { details: { topic } },
  );
}

/** What an absent member leaves in a text: its name where it is printed (`undefined/placed`), an empty part where it is empty or joined (`eu/`, `a//b`). */
const SUSPECT = /undefined|null|NaN|^$|^[!-/:-@[-`{-~ ]|[!-/:-@[-`{-~ ]{2}|[!-/:-@[-`{-~ ]$/;

/**
 * Only a suspect text is worth the time to run the function again and watch what it reads; all others cost one look. Data may hold such
 * words and marks too: what the members that are there bring along is taken out, and if the text is still suspect, those that are not are to blame.
 */
function derive(topic: AnyTopic, field: 'id' | 'key', from: (data: unknown) => unknown, data: unknown): string {
  const made = from(data);
  const text = typeof made === 'string' || (typeof made === 'number' && Number.isFinite(made)) ? String(made) : '';
  if (!SUSPECT.test(text)) return identifying(field, text);
  const members = membersRead(from, data);
  const absent = [...members.keys()].filter((path) => isAbsent(members.get(path)));
  if (text !== '' && (absent.length === 0 || !SUSPECT.test(withoutValues(text, members)))) return identifying(field, text);
  const reason = absent.length > 0 ? `it reads ${absent.join(' and ')}, which the data lacks` : 'it gives neither a number nor a text';
  throw new SemelError('field-missing', `topic ${topic.name}: the \`${field}\` function cannot identify the message: ${reason}`, { details: { topic: topic.name, field, absent } });
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '' || Number.isNaN(value);
}

/** The text with a plain letter in place of each value that was read and is there, the longest first: one may be part of another. */
function withoutValues(text: string, members: ReadonlyMap<string, unknown>): string {
  const values = [...members.values()].filter((value) => (typeof value === 'string' || typeof value === 'number') && !isAbsent(value)).map(String);
  return values.sort((a, b) => b.length - a.length).reduce((rest, value) => rest.replaceAll(value, 'x'), text);
}

/** The members of the data that the function reads, by path. */
function membersRead(from: (data: unknown) => unknown, data: unknown): ReadonlyMap<string, unknown> {
  const members = new Map<string, unknown>();
  if (typeof data === 'object' && data !== null) from(watched(data, [], members));
  return members;
}

/** Reads through to the original, so that getters and private fields work; the target is a copy, because a proxy may not stand in for a frozen member. */
function watched(original: object, steps: readonly PropertyKey[], members: Map<string, unknown>): object {
  const isArray = Array.isArray(original);
  return new Proxy(isArray ? [...original] : { ...original }, {
    get(_, name) {
      const value: unknown = Reflect.get(original, name);
      if (typeof name === 'symbol' || (isArray && !/^\d+$/.test(name))) return value;
      if (typeof value === 'function') return value.bind(original);
      const path = [...steps, isArray ? Number(name) : name];
      members.set(jsonPath(path), value);
      return typeof value === 'object' && value !== null ? watched(value, path, members) : value;
    },
  });
}

function oneType(where: string, name: string, definition: TopicDefinition): ReadonlyMap<string, EventType> {
  checkOptions(where, definition, ['schema', 'id', 'key', 'source', 'type']);
  const { source: _, type = name, ...event } = definition;
  return new Map([[type, eventType(where, type, event)]]);
}

function severalTypes(where: string, definition: TypesDefinition): ReadonlyMap<string, EventType> {
  checkOptions(where, definition, ['types', 'source']);
  const types = Object.entries(definition.types).map(([type, event]) => {
    checkOptions(`${where}, type ${type}`, event, ['schema', 'id', 'key']);
    return [type, eventType(where, type, event)] as const;
  });
  if (types.length === 0) throw badOption(where, 'types', definition.types, 'at least one type of event');
  return new Map(types);
}

function eventType(where: string, type: string, definition: EventDefinition): EventType {
  if (typeof type !== 'string' || !EVENT_TYPE.test(type)) throw badOption(where, 'type', type, 'a word of 1 to 255 characters without white space');
  if (typeof definition.schema?.['~standard']?.validate !== 'function') throw badOption(where, 'schema', definition.schema, 'a Standard Schema');
  if (definition.id !== undefined) functionOf(where, 'id', definition.id);
  if (definition.key !== undefined) functionOf(where, 'key', definition.key);
  return Object.freeze({ ...definition, type });
}
