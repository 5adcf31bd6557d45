import type { SchemaStep } from '../../core/schema-steps.ts';

/** Where the steps themselves are recorded. */
export const SCHEMA_TABLE = `create table if not exists semel_schema (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at_ms integer not null,
  oldest text not null
) strict;
`;

/**
 * All steps, oldest first.
 *
 * - Everything refers to a subscription by its number, so that a rename is one update.
 * - A message's body stands once, however many subscriptions it goes to; `due_at_ms` only while it is delayed, `parked` where it
 *   was not published here but kept for a retry.
 * - Publishing writes the message alone. Each subscription takes its topic's messages beyond `taken_seq` into queue rows of its
 *   own when it leases. Numbers are given under SQLite's one write lock, so they become visible in their order, and no late
 *   commit can be skipped (trap 1); a store with concurrent writers must not do this.
 * - Of a key only the first row has `waiting = 0`; the partial indexes hold no more than what is ready, in flight, or keyed.
 * - The inbox is keyed by the identity itself: ids that ascend stay side by side.
 */
export const MIGRATIONS: readonly SchemaStep[] = [
  {
    version: 1,
    name: 'start',
    oldest: '0.1.0',
    sql: `create table semel_subscriptions (
  subscription_id integer primary key autoincrement,
  name text not null unique,
  kind text not null check (kind in ('local', 'remote', 'route')),
  topic text not null,
  ordered integer not null,
  taken_seq integer not null,
  joined_at_ms integer not null,
  seen_at_ms integer not null,
  paused_until_ms integer
) strict;

create table semel_messages (
  seq integer primary key autoincrement,
  source text not null,
  id text not null,
  topic text not null,
  type text not null,
  key text,
  time text not null,
  headers text not null,
  data text not null,
  fingerprint text not null,
  published_at_ms integer not null,
  due_at_ms integer,
  parked integer not null default 0,
  unique (source, id)
) strict;
create index semel_messages_topic on semel_messages (topic) where due_at_ms is null and parked = 0;
create index semel_messages_delayed on semel_messages (topic, due_at_ms) where due_at_ms is not null;

create table semel_queue (
  position integer primary key autoincrement,
  subscription_id integer not null,
  seq integer not null,
  key text,
  waiting integer not null default 0,
  due_at_ms integer not null,
  lease_until_ms integer,
  fence integer not null default 0,
  attempts integer not null default 0,
  suspect integer not null default 0,
  history text,
  dead_letter_id integer,
  unique (seq, subscription_id)
) strict;
create index semel_queue_ready on semel_queue (subscription_id, due_at_ms, position) where waiting = 0 and lease_until_ms is null;
create index semel_queue_leased on semel_queue (subscription_id, lease_until_ms) where lease_until_ms is not null;
create index semel_queue_key on semel_queue (subscription_id, key, position) where key is not null;
create index semel_queue_suspect on semel_queue (subscription_id, position) where suspect = 1;
create index semel_queue_held on semel_queue (dead_letter_id) where dead_letter_id is not null;

create table semel_inbox (
  subscription_id integer not null,
  source text not null,
  id text not null,
  state text not null check (state in ('done', 'dead')),
  fingerprint text not null,
  result text,
  at_ms integer not null,
  primary key (subscription_id, source, id)
) strict, without rowid;

create table semel_positions (
  subscription_id integer not null,
  partition text not null,
  position text,
  epoch integer not null,
  primary key (subscription_id, partition)
) strict, without rowid;

create table semel_dead_letters (
  dead_letter_id integer primary key autoincrement,
  subscription_id integer not null,
  topic text not null,
  source text not null,
  id text not null,
  fingerprint text not null,
  type text,
  key text,
  time text,
  headers text,
  data text,
  bytes blob,
  reason text not null,
  history text not null,
  died_at_ms integer not null,
  unique (subscription_id, source, id, fingerprint)
) strict;
`,
  },
  {
    version: 2,
    name: 'replays',
    oldest: '0.1.0',
    sql: `create table semel_replays (
  replay_id integer primary key autoincrement,
  consumer text not null,
  from_ms integer not null,
  to_ms integer not null,
  ids text,
  requested_by text not null,
  reason text not null,
  at_ms integer not null,
  messages integer not null default 0
) strict;
`,
  },
  {
    version: 3,
    name: 'crashes of owners',
    oldest: '0.1.0',
    sql: `alter table semel_positions add column in_hand integer not null default 0;
alter table semel_positions add column crashes integer not null default 0;
`,
  },
];
