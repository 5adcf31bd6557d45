import type { Archive } from './core/archive.ts';
import { MAX_JSON_DEPTH } from './core/canonical-json.ts';
import { SemelError } from './core/errors.ts';
import type { Observer } from './core/lifecycle.ts';
import type { Message } from './core/message.ts';
import { checkOptions, functionOf, positiveInteger } from './core/options.ts';
import { type JsonLimits, MAX_JSON_BYTES } from './core/read-json.ts';
import { type Runtime, systemRuntime } from './core/runtime.ts';
import type { Retention, Store } from './core/store.ts';
import type { AnyTopic } from './core/topic.ts';
import type { Transport } from './core/transport.ts';

const DAY_MS = 86_400_000;

/** What `createSemel` takes. */
export interface SemelOptions<Tx, Extra extends object = object> {
  /** The service's name: sources are `<name>/<topic>`. */
  readonly name: string;
  readonly store: Store<Tx>;
  /** By topic name: what carries it. A topic that is not named here is local: it lives in the store. */
  readonly routes?: Readonly<Record<string, Transport | readonly Transport[]>>;
  /** @default inboxMs 30 days, messagesMs 7 days, dead letters kept until someone decides */
  readonly retention?: Partial<Retention>;
  /** Where messages go before they are removed at the end of their retention: `archiveDirectory(path)`, or a function of yours. @default nowhere */
  readonly archive?: Archive;
  /** How the outbox is relayed to the routes. */
  readonly relay?: RelayOptions;
  /** What each handler's context has besides: a logger, a tenant. Called once per message. */
  readonly context?: (about: { readonly consumer: string; readonly topic: AnyTopic; readonly message: Message }) => Extra;
  /** Sees every lifecycle event. More can be added with `semel.observe`. */
  readonly observe?: Observer;
  /** Bounds of a message, at publish and on receipt. @default 1 MiB, 64 levels */
  readonly limits?: JsonLimits;
  /** Clock, chance and timers. @default the machine's */
  readonly runtime?: Runtime;
}

/** The sizes and times of the relays. */
export interface RelayOptions {
  /** Most messages of one call of a publisher. @default 500 */
  readonly max?: number;
  /**
   * Batches of a route that are on their way at once, so that one is published while another is leased or marked; never two with messages of one key.
   * Each may have a transaction open. A relay that reads the log of the database (`relay.mode: 'wal'` of Postgres) has one. @default 2
   */
  readonly concurrency?: number;
  /** How long a publisher may take to answer; what it has not answered for by then counts as unknown and is sent again. @default 10_000 */
  readonly timeoutMs?: number;
  /** How long a relay that died keeps its messages from the others. @default 30_000 */
  readonly leaseMs?: number;
}

/** {@link SemelOptions}, defaulted and checked. */
export interface CheckedOptions<Tx> {
  readonly name: string;
  readonly store: Store<Tx>;
  readonly routes: ReadonlyMap<string, readonly Transport[]>;
  readonly retention: Retention;
  readonly archive: Archive | undefined;
  readonly relay: Required<RelayOptions>;
  readonly context: SemelOptions<Tx>['context'];
  readonly observe: Observer | undefined;
  readonly limits: Required<JsonLimits>;
  readonly runtime: Runtime;
}

/** Copies, defaults, checks, freezes; throws `bad-option`. */
export function checkedOptions<Tx>(options: SemelOptions<Tx>): CheckedOptions<Tx> {
  checkOptions('createSemel', options, ['name', 'store', 'routes', 'retention', 'archive', 'relay', 'context', 'observe', 'limits', 'runtime']);
  if (!/^[a-z][a-z0-9._-]{0,99}$/.test(options.name)) {
    throw new SemelError(
      'bad-option',
      `createSemel: name ${JSON.stringify(options.name)} must be lower-case letters, digits, dots, dashes or underscores, beginning with a letter; it becomes the source of every message`,
    );
  }
  return Object.freeze({
    name: options.name,
    store: options.store,
    routes: routesOf(options.routes ?? {}),
    retention: retentionOf(options.retention ?? {}),
    archive: options.archive === undefined ? undefined : functionOf('createSemel', 'archive', options.archive),
    relay: relayOf(options.relay ?? {}),
    context: options.context,
    observe: options.observe,
    limits: limitsOf(options.limits ?? {}),
    runtime: options.runtime ?? systemRuntime,
  });
}

function routesOf(given: NonNullable<SemelOptions<unknown>['routes']>): ReadonlyMap<string, readonly Transport[]> {
  return new Map(
    Object.entries(given).map(([topic, value]) => {
      const transports = [value].flat() as readonly Transport[];
      const names = new Set(transports.map(({ name }) => name));
      if (names.size !== transports.length) throw new SemelError('duplicate-name', `createSemel, routes.${topic}: two transports have one name; give each a name of its own`);
      return [topic, transports];
    }),
  );
}

function limitsOf(given: JsonLimits): Required<JsonLimits> {
  const where = 'createSemel, limits';
  checkOptions(where, given, ['maxBytes', 'maxDepth']);
  return Object.freeze({
    maxBytes: positiveInteger(where, 'maxBytes', given.maxBytes ?? MAX_JSON_BYTES),
    maxDepth: positiveInteger(where, 'maxDepth', given.maxDepth ?? MAX_JSON_DEPTH),
  });
}

function retentionOf(given: Partial<Retention>): Retention {
  const where = 'createSemel, retention';
  checkOptions(where, given, ['inboxMs', 'messagesMs', 'deadLettersMs']);
  const { inboxMs = 30 * DAY_MS, messagesMs = 7 * DAY_MS, deadLettersMs } = given;
  const kept = (name: string, value: number) => (value === Number.POSITIVE_INFINITY ? value : positiveInteger(where, name, value));
  return Object.freeze({
    inboxMs: kept('inboxMs', inboxMs),
    messagesMs: kept('messagesMs', messagesMs),
    ...(deadLettersMs === undefined ? {} : { deadLettersMs: kept('deadLettersMs', deadLettersMs) }),
  });
}

function relayOf(given: RelayOptions): Required<RelayOptions> {
  const where = 'createSemel, relay';
  checkOptions(where, given, ['max', 'concurrency', 'timeoutMs', 'leaseMs']);
  return Object.freeze({
    max: positiveInteger(where, 'max', given.max ?? 500),
    concurrency: positiveInteger(where, 'concurrency', given.concurrency ?? 2),
    timeoutMs: positiveInteger(where, 'timeoutMs', given.timeoutMs ?? 10_000),
    leaseMs: positiveInteger(where, 'leaseMs', given.leaseMs ?? 30_000),
  });
}
