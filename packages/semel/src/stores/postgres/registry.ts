import { SemelError } from '../../core/errors.ts';
import type { Registry, Subscription, SubscriptionState } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { discard } from './dead-letters.ts';
import { leave } from './leave.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { stateOf } from './postgres-errors.ts';
import { LANES, messageOfRow, notQueued } from './queue-rows.ts';
import { FOREVER_MS, findSubscription, lockSubscription, type SubscriptionRow } from './subscriptions.ts';

type From = 'beginning' | 'now' | { readonly sinceMs: number };

/** {@link Registry}: a row per subscription. */
export class PostgresRegistry implements Registry {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async join(subscription: Subscription, options: { readonly from: From; readonly previousNames?: readonly string[] }): Promise<void> {
    const { pool } = this.#database;
    const previousNames = (options.previousNames ?? []).filter((previous) => previous !== subscription.name);
    const standing = await findSubscription(pool, subscription.name);
    const renames =
      previousNames.length > 0 && (await pool.get('select 1 as one from {s}.subscriptions where name = any(string_to_array($1, chr(10)))', previousNames.join('\n'))) !== undefined;
    if (isSame(standing, subscription) && !renames) return see(pool, standing);
    await this.#patiently(async (connection) => {
      await waitForPublishers(connection);
      for (const previous of previousNames) await takeOver(connection, subscription, previous);
      const known = await findSubscription(connection, subscription.name);
      if (known === undefined) await create(connection, subscription, options.from);
      else await update(connection, subscription, await lockSubscription(connection, subscription.name));
    });
  }

  leave(name: string): Promise<{ readonly backlog: number; readonly records: number; readonly deadLetters: number }> {
    return leave(this.#database, name);
  }

  async pause(name: string, untilMs: number): Promise<void> {
    const { clock } = this.#database.context.runtime;
    const forMs = Math.ceil(untilMs) - clock.now();
    await this.#setPause(name, Number.isFinite(untilMs) ? `{now} + ${Math.ceil(forMs)}` : String(FOREVER_MS));
  }

  async resume(name: string): Promise<void> {
    await this.#setPause(name, 'null');
  }

  async pausedUntilMs(name: string): Promise<number | undefined> {
    const row = await this.#database.pool.get<{ pausedUntilMs: number | null; nowMs: number }>(
      'select paused_until_ms::float8 as "pausedUntilMs", {now}::float8 as "nowMs" from {s}.subscriptions where name = $1',
      name,
    );
    return row === undefined ? undefined : this.#pauseOf(row);
  }

  async list(): Promise<readonly SubscriptionState[]> {
    return (await this.#database.pool.all<ListRow>(LIST)).map((row) => this.#stateOf(row));
  }

  /** Tries again while a lock is another's. In the pauses whoever came to stand in line behind goes on. */
  async #patiently(body: (connection: Connection) => Promise<void>): Promise<void> {
    const { scheduler } = this.#database.context.runtime;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#database.transact(body);
      } catch (error) {
        if (stateOf(error) !== LOCK_NOT_AVAILABLE || tries === JOIN_TRIES) throw error;
        await scheduler.sleep(JOIN_PAUSE_MS);
      }
    }
  }

  async #setPause(name: string, value: string): Promise<void> {
    await this.#database.transact(async (connection) => {
      const { subscriptionId } = await lockSubscription(connection, name);
      await connection.all(`update {s}.subscriptions set paused_until_ms = ${value} where subscription_id = $1`, subscriptionId);
    });
  }

  /** On the caller's clock. */
  #pauseOf({ pausedUntilMs, nowMs }: { readonly pausedUntilMs: number | null; readonly nowMs: number }): number | undefined {
    if (pausedUntilMs === null) return undefined;
    return pausedUntilMs === FOREVER_MS ? Number.POSITIVE_INFINITY : this.#database.context.runtime.clock.now() + pausedUntilMs - nowMs;
  }

  #stateOf(row: ListRow): SubscriptionState {
    const { name, kind, topic, ordered, joinedAtMs, seenAtMs, ready, inFlight, retrying, held, oldestMs, deadLetters } = row;
    const pausedUntilMs = this.#pauseOf(row);
    return {
      name,
      kind,
      topic,
      ordered,
      joinedAtMs,
      seenAtMs,
      backlog: { ready, inFlight, retrying, held },
      deadLetters,
      ...(pausedUntilMs === undefined ? {} : { pausedUntilMs }),
      ...(oldestMs === null ? {} : { oldestMs }),
    };
  }
}

/** How long a subscription that joins holds up publishers, how long it then lets them pass, and how often: up to 5 s in all. */
const JOIN_LOCK_MS = 100;
const JOIN_PAUSE_MS = 150;
const JOIN_TRIES = 20;
const LOCK_NOT_AVAILABLE = '55P03';

/** How old the note may be of when a process was last seen to start a subscription. */
const SEEN_MS = 60_000;

/** Nobody who joins as before waits for another's lock: where it is taken just now, the next one makes the note. */
async function see(connection: Connection, { subscriptionId }: SubscriptionRow): Promise<void> {
  const sql = `update {s}.subscriptions set seen_at_ms = {now} where subscription_id in (
    select subscription_id from {s}.subscriptions where subscription_id = $1 and seen_at_ms <= {now} - ${SEEN_MS} for no key update skip locked)`;
  await connection.all(sql, subscriptionId);
}

function isSame(known: SubscriptionRow | undefined, { kind, topic, ordered }: Subscription): known is SubscriptionRow {
  return known?.kind === kind && known.topic === topic && known.ordered === ordered;
}

/** A name stands for one topic: what is left of it is of no use for another. */
function requireTopic(name: string, known: SubscriptionRow, topic: string): void {
  if (known.topic === topic) return;
  const text = `${name} is the name of a consumer or route of topic ${known.topic}, and cannot be joined to topic ${topic}: take another name, or remove the old one first`;
  throw new SemelError('duplicate-name', text, { details: { name, topic: known.topic, given: topic } });
}

/**
 * Waits until every transaction that has published is over, and holds up those that are about to. Whoever publishes after it finds the new
 * subscription, and what was published before it is there to be copied: nothing falls between.
 */
async function waitForPublishers(connection: Connection): Promise<void> {
  await connection.all(`set local lock_timeout = '${JOIN_LOCK_MS}ms'`);
  await connection.all('lock table {s}.messages in share row exclusive mode');
}

async function create(connection: Connection, { name, kind, topic, ordered }: Subscription, from: From): Promise<void> {
  const row = await connection.get<{ subscriptionId: number }>(CREATE, name, kind, topic, ordered);
  if (kind === 'remote' || from === 'now') return;
  await connection.all(BACKFILL, row?.subscriptionId ?? 0, from === 'beginning' ? null : Math.floor(from.sinceMs));
}

const CREATE = `insert into {s}.subscriptions (name, kind, topic, ordered, joined_at_ms, seen_at_ms) values ($1, $2, $3, $4, {now}, {now})
  returning subscription_id as "subscriptionId"`;

const BACKFILL = `insert into {s}.queue (subscription_id, seq, key)
  select s.subscription_id, m.seq, case when s.ordered then m.key end from {s}.subscriptions s join {s}.messages m on m.topic = s.topic
  where s.subscription_id = $1 and m.due_at_ms is null and not m.parked and ($2::bigint is null or m.published_at_ms >= $2::bigint)
    and ${notQueued('$1', 'm.seq')}
  order by m.seq`;

/** What a transport feeds from now on keeps its backlog; what it fed until now does not meet that again. */
async function update(connection: Connection, { name, kind, topic, ordered }: Subscription, known: SubscriptionRow): Promise<void> {
  requireTopic(name, known, topic);
  await connection.all('update {s}.subscriptions set kind = $2, ordered = $3, seen_at_ms = {now} where subscription_id = $1', known.subscriptionId, kind, ordered);
  if (known.ordered !== ordered) await reorder(connection, known.subscriptionId, ordered);
}

/** Works out the keys anew for all rows of a subscription, after its order or its members changed. */
async function reorder(connection: Connection, subscriptionId: number, ordered: boolean): Promise<void> {
  if (ordered)
    return void (await connection.all(`update {s}.queue q set key = m.key from {s}.messages m where q.subscription_id = $1 and m.seq = ${messageOfRow('q')}`, subscriptionId));
  await connection.all(`delete from {s}.queue where subscription_id = $1 and lane = ${LANES.held}`, subscriptionId);
  await connection.all(`update {s}.queue set key = null, lane = case when lane = ${LANES.waiting} then ${LANES.ready} else lane end where subscription_id = $1`, subscriptionId);
}

/** A rename where only the old name is known; where both are, what the old one has moves over, unless the new one has it already. */
async function takeOver(connection: Connection, { name, topic }: Subscription, previous: string): Promise<void> {
  const old = await findSubscription(connection, previous);
  if (old === undefined) return;
  requireTopic(previous, old, topic);
  await lockSubscription(connection, previous);
  const known = await findSubscription(connection, name);
  if (known === undefined) return void (await connection.all('update {s}.subscriptions set name = $1 where subscription_id = $2', name, old.subscriptionId));
  await lockSubscription(connection, name);
  await dropWhatIsDone(connection, old.subscriptionId, known.subscriptionId);
  await dropWhatIsDone(connection, known.subscriptionId, old.subscriptionId);
  await connection.all('delete from {s}.leases where subscription_id = $1', old.subscriptionId);
  for (const [table, identity] of MOVED) await connection.all(moveOver(table, identity), old.subscriptionId, known.subscriptionId);
  for (const table of ['queue', 'inbox', 'positions', 'dead_letters', 'subscriptions'])
    await connection.all(`delete from {s}.${table} where subscription_id = $1`, old.subscriptionId);
  await reorder(connection, known.subscriptionId, known.ordered);
}

/** What moves over with a name, and what makes a row of it the same as another. */
const MOVED: readonly (readonly [table: string, identity: (row: string) => string])[] = [
  ['queue', messageOfRow],
  ['inbox', (row) => `(${row}.source, ${row}.id)`],
  ['positions', (row) => `${row}.partition`],
  ['dead_letters', (row) => `(${row}.source, ${row}.id, ${row}.fingerprint)`],
];

function moveOver(table: string, identity: (row: string) => string): string {
  return `update {s}.${table} o set subscription_id = $2 where subscription_id = $1
    and not exists (select 1 from {s}.${table} n where n.subscription_id = $2 and ${identity('n')} = ${identity('o')})`;
}

/** What one name gave up and the other has done must not be redriven: its dead letters and their records go. A conflicting payload was never done, and stays. */
async function dropWhatIsDone(connection: Connection, deadUnder: number, doneUnder: number): Promise<void> {
  const done = (table: string) =>
    `t.subscription_id = $1 and exists (select 1 from {s}.inbox r where r.subscription_id = $2 and r.state = 'done' and r.source = t.source and r.id = t.id) -- ${table}`;
  const letters = await connection.all<{ id: number }>(
    `select dead_letter_id::float8 as id from {s}.dead_letters t where reason <> 'identity-conflict' and ${done('dead letters')}`,
    deadUnder,
    doneUnder,
  );
  await discard(connection, letters);
  await connection.all(`delete from {s}.inbox t where state = 'dead' and ${done('inbox')}`, deadUnder, doneUnder);
}

/** Whether the row is of a key that a dead letter holds. */
const BEHIND_HELD = `exists (select 1 from {s}.queue h where h.subscription_id = q.subscription_id and h.lane = ${LANES.held} and h.key = q.key)`;

const LIST = `with counted as (
    select q.subscription_id, min(${messageOfRow('q')}) as oldest,
      count(*) filter (where f.seq is null and q.lane in (${LANES.ready}, ${LANES.suspect}) and not (q.key is not null and ${BEHIND_HELD})
        or q.lane = ${LANES.later} and q.due_at_ms <= {now}) as ready,
      count(*) filter (where f.seq is not null) as in_flight,
      count(*) filter (where q.lane = ${LANES.later} and q.due_at_ms > {now}) as retrying,
      count(*) filter (where f.seq is null and (q.lane in (${LANES.held}, ${LANES.waiting}) or q.lane = ${LANES.ready} and q.key is not null and ${BEHIND_HELD})) as held
    from {s}.queue q left join (select subscription_id, unnest(seqs) as seq from {s}.leases) f on f.subscription_id = q.subscription_id and f.seq = q.seq
      and q.lane in (${LANES.ready}, ${LANES.suspect})
    group by q.subscription_id)
  select s.name, s.kind, s.topic, s.ordered, s.joined_at_ms::float8 as "joinedAtMs", s.seen_at_ms::float8 as "seenAtMs", s.paused_until_ms::float8 as "pausedUntilMs",
    {now}::float8 as "nowMs", coalesce(c.ready, 0)::int as ready, coalesce(c.in_flight, 0)::int as "inFlight", coalesce(c.retrying, 0)::int as retrying, coalesce(c.held, 0)::int as held,
    (select published_at_ms from {s}.messages m where m.seq = c.oldest)::float8 as "oldestMs",
    (select count(*) from {s}.dead_letters d where d.subscription_id = s.subscription_id)::int as "deadLetters"
  from {s}.subscriptions s left join counted c on c.subscription_id = s.subscription_id order by s.name`;

interface ListRow {
  readonly name: string;
  readonly kind: Subscription['kind'];
  readonly topic: string;
  readonly ordered: boolean;
  readonly joinedAtMs: number;
  readonly seenAtMs: number;
  readonly pausedUntilMs: number | null;
  readonly nowMs: number;
  readonly ready: number;
  readonly inFlight: number;
  readonly retrying: number;
  readonly held: number;
  readonly oldestMs: number | null;
  readonly deadLetters: number;
}
