import { SemelError } from '../../core/errors.ts';
import type { Registry, Subscription, SubscriptionState } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { discard } from './dead-letters.ts';
import { takeNext } from './intake.ts';
import { reorder } from './key-order.ts';
import { leave } from './leave.ts';
import { HELD_MS } from './queue-rows.ts';
import { isBusy } from './sqlite-errors.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { lastSeq } from './stage.ts';
import { FOREVER_MS, findSubscription, requireSubscription, type SubscriptionRow } from './subscriptions.ts';

/** {@link Registry}: a row per subscription. */
export class SqliteRegistry implements Registry {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async join(
    subscription: Subscription,
    options: { readonly from: 'beginning' | 'now' | { readonly sinceMs: number }; readonly previousNames?: readonly string[] },
  ): Promise<void> {
    const { reader, nowMs } = this.#file;
    const previousNames = (options.previousNames ?? []).filter((previous) => previous !== subscription.name);
    const standing = findSubscription(reader, subscription.name);
    if (isSame(standing, subscription) && !previousNames.some((previous) => findSubscription(reader, previous))) return this.#see(standing, nowMs);
    await this.#file.transact((connection) => {
      for (const previous of previousNames) takeOver(connection, subscription, previous);
      const known = findSubscription(connection, subscription.name);
      if (known === undefined) create(connection, subscription, options.from, nowMs);
      else update(connection, subscription, known, nowMs);
    });
  }

  leave(name: string): Promise<{ readonly backlog: number; readonly records: number; readonly deadLetters: number }> {
    return leave(this.#file, name);
  }

  async pause(name: string, untilMs: number): Promise<void> {
    await this.#setPause(name, Math.min(Math.ceil(untilMs), FOREVER_MS));
  }

  async resume(name: string): Promise<void> {
    await this.#setPause(name, null);
  }

  async pausedUntilMs(name: string): Promise<number | undefined> {
    return pauseOf(findSubscription(this.#file.reader, name)?.pausedUntilMs ?? null);
  }

  async list(): Promise<readonly SubscriptionState[]> {
    return this.#file.reader.all<ListRow>(LIST, { nowMs: this.#file.nowMs, heldMs: HELD_MS }).map(stateOf);
  }

  /** Nobody who joins as before waits for another's lock: where it is taken just now, the next one makes the note. */
  async #see({ subscriptionId, seenAtMs }: SubscriptionRow, nowMs: number): Promise<void> {
    if (nowMs - seenAtMs < SEEN_MS) return;
    const note = (connection: Connection) => connection.run('update semel_subscriptions set seen_at_ms = ? where subscription_id = ?', nowMs, subscriptionId);
    await this.#file.writer.transact(note, 0).catch((error: unknown) => {
      if (!isBusy(error)) throw error;
    });
  }

  async #setPause(name: string, untilMs: number | null): Promise<void> {
    await this.#file.transact((connection) => {
      const { subscriptionId } = requireSubscription(connection, name);
      connection.run('update semel_subscriptions set paused_until_ms = ? where subscription_id = ?', untilMs, subscriptionId);
    });
  }
}

type From = 'beginning' | 'now' | { readonly sinceMs: number };

/** How old the note may be of when a process was last seen to start a subscription. */
const SEEN_MS = 60_000;

function isSame(known: SubscriptionRow | undefined, { kind, topic, ordered }: Subscription): known is SubscriptionRow {
  return known?.kind === kind && known.topic === topic && (known.ordered === 1) === ordered;
}

/** A name stands for one topic: what is left of it is of no use for another. */
function requireTopic(name: string, known: SubscriptionRow, topic: string): void {
  if (known.topic === topic) return;
  const text = `${name} is the name of a consumer or route of topic ${known.topic}, and cannot be joined to topic ${topic}: take another name, or remove the old one first`;
  throw new SemelError('duplicate-name', text, { details: { name, topic: known.topic, given: topic } });
}

function create(connection: Connection, subscription: Subscription, from: From, nowMs: number): void {
  const { name, kind, topic, ordered } = subscription;
  connection.run(
    'insert into semel_subscriptions (name, kind, topic, ordered, taken_seq, joined_at_ms, seen_at_ms) values (?, ?, ?, ?, ?, ?, ?)',
    name,
    kind,
    topic,
    ordered ? 1 : 0,
    startSeq(connection, topic, from),
    nowMs,
    nowMs,
  );
}

/** The number after which a new subscription starts. */
function startSeq(connection: Connection, topic: string, from: From): number {
  if (from === 'beginning') return 0;
  if (from === 'now') return lastSeq(connection);
  const sql = 'select min(seq) as seq from semel_messages where topic = ? and published_at_ms >= ? and due_at_ms is null and parked = 0';
  const first = connection.get<{ seq: number | null }>(sql, topic, Math.floor(from.sinceMs))?.seq ?? null;
  return first === null ? lastSeq(connection) : first - 1;
}

function update(connection: Connection, { name, kind, topic, ordered }: Subscription, known: SubscriptionRow, nowMs: number): void {
  requireTopic(name, known, topic);
  // What a transport feeds from now on keeps its backlog; what it fed until now does not meet that again.
  if (kind === 'remote' && known.kind !== 'remote') takeNext(connection, known, Number.MAX_SAFE_INTEGER, nowMs);
  const takenSeq = known.kind === 'remote' ? lastSeq(connection) : known.takenSeq;
  connection.run(
    'update semel_subscriptions set kind = ?, ordered = ?, taken_seq = max(taken_seq, ?), seen_at_ms = ? where name = ?',
    kind,
    ordered ? 1 : 0,
    takenSeq,
    nowMs,
    name,
  );
  if ((known.ordered === 1) !== ordered) reorder(connection, known.subscriptionId, ordered);
}

/** A rename where only the old name is known; where both are, what the old one has moves over, unless the new one has it already. */
function takeOver(connection: Connection, { name, topic }: Subscription, previous: string): void {
  const old = findSubscription(connection, previous);
  if (old === undefined) return;
  requireTopic(previous, old, topic);
  const known = findSubscription(connection, name);
  if (known === undefined) return void connection.run('update semel_subscriptions set name = ? where subscription_id = ?', name, old.subscriptionId);
  dropWhatIsDone(connection, old.subscriptionId, known.subscriptionId);
  dropWhatIsDone(connection, known.subscriptionId, old.subscriptionId);
  for (const table of ['semel_queue', 'semel_inbox', 'semel_positions', 'semel_dead_letters']) {
    connection.run(`update or ignore ${table} set subscription_id = ? where subscription_id = ?`, known.subscriptionId, old.subscriptionId);
    connection.run(`delete from ${table} where subscription_id = ?`, old.subscriptionId);
  }
  connection.run('delete from semel_subscriptions where subscription_id = ?', old.subscriptionId);
  connection.run('update semel_subscriptions set taken_seq = min(taken_seq, ?) where subscription_id = ?', old.takenSeq, known.subscriptionId);
  reorder(connection, known.subscriptionId, known.ordered === 1);
}

/** What one name gave up and the other has done must not be redriven: its dead letters and their records go. A conflicting payload was never done, and stays. */
function dropWhatIsDone(connection: Connection, deadUnder: number, doneUnder: number): void {
  const done = (table: string) =>
    `subscription_id = :deadUnder and exists (select 1 from semel_inbox r where r.subscription_id = :doneUnder and r.state = 'done' and r.source = ${table}.source and r.id = ${table}.id)`;
  const letters = connection.all<{ id: number }>(`select dead_letter_id as id from semel_dead_letters where reason <> 'identity-conflict' and ${done('semel_dead_letters')}`, {
    deadUnder,
    doneUnder,
  });
  for (const { id } of letters) discard(connection, id);
  connection.run(`delete from semel_inbox where state = 'dead' and ${done('semel_inbox')}`, { deadUnder, doneUnder });
}

/** Messages that are still to be taken in count as ready. */
const UNTAKEN = "from semel_messages m where s.kind <> 'remote' and m.topic = s.topic and m.seq > s.taken_seq and m.due_at_ms is null and m.parked = 0";

/** Whether the row waits for a key that a dead letter holds. */
const BEHIND_HELD = 'exists (select 1 from semel_queue h where h.dead_letter_id is not null and h.subscription_id = q.subscription_id and h.key = q.key)';

const LIST = `select s.name, s.kind, s.topic, s.ordered, s.joined_at_ms as joinedAtMs, s.seen_at_ms as seenAtMs, s.paused_until_ms as pausedUntilMs,
  coalesce(b.ready, 0) + (select count(*) ${UNTAKEN}) as ready,
  coalesce(b.inFlight, 0) as inFlight, coalesce(b.retrying, 0) as retrying, coalesce(b.held, 0) as held,
  (select published_at_ms from semel_messages o where o.seq = coalesce(b.oldest, (select min(seq) ${UNTAKEN}))) as oldestMs,
  (select count(*) from semel_dead_letters d where d.subscription_id = s.subscription_id) as deadLetters
  from semel_subscriptions s left join (
    select subscription_id, min(seq) as oldest,
      sum(lease_until_ms is null and due_at_ms <= :nowMs and not (waiting = 1 and ${BEHIND_HELD})) as ready,
      sum(lease_until_ms is not null) as inFlight,
      sum(lease_until_ms is null and due_at_ms > :nowMs and due_at_ms < :heldMs) as retrying,
      sum(lease_until_ms is null and (due_at_ms = :heldMs or waiting = 1 and ${BEHIND_HELD})) as held
    from semel_queue q group by subscription_id
  ) b on b.subscription_id = s.subscription_id order by s.name`;

interface ListRow {
  readonly name: string;
  readonly kind: Subscription['kind'];
  readonly topic: string;
  readonly ordered: 0 | 1;
  readonly joinedAtMs: number;
  readonly seenAtMs: number;
  readonly pausedUntilMs: number | null;
  readonly ready: number;
  readonly inFlight: number;
  readonly retrying: number;
  readonly held: number;
  readonly oldestMs: number | null;
  readonly deadLetters: number;
}

function stateOf(row: ListRow): SubscriptionState {
  const { name, kind, topic, joinedAtMs, seenAtMs, pausedUntilMs, ready, inFlight, retrying, held, oldestMs, deadLetters } = row;
  return {
    name,
    kind,
    topic,
    ordered: row.ordered === 1,
    joinedAtMs,
    seenAtMs,
    backlog: { ready, inFlight, retrying, held },
    deadLetters,
    ...(pausedUntilMs === null ? {} : { pausedUntilMs: pauseOf(pausedUntilMs) as number }),
    ...(oldestMs === null ? {} : { oldestMs }),
  };
}

function pauseOf(untilMs: number | null): number | undefined {
  if (untilMs === null) return undefined;
  return untilMs === FOREVER_MS ? Number.POSITIVE_INFINITY : untilMs;
}
