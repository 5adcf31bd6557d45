import type { Delivery, Failure } from '../../core/delivery.ts';
import { SemelError } from '../../core/errors.ts';
import type { ItemReceipt, Queue, Subscription } from '../../core/store.ts';
import { type MessageRow, messageOf } from '../../core/stored-message.ts';
import { ALONG_INDEXES, BEGUN, off } from './bounds.ts';
import type { Connection } from './connection.ts';
import { numberArray } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { byFence, LANES, messageOfRow, releaseRows, removeRows } from './queue-rows.ts';
import { PUBLISH_DELAYED } from './stage.ts';
import { FOREVER_MS, findSubscription, known } from './subscriptions.ts';

/** {@link Queue} over the rows that publishing fans out, parked retries and the outbox alike. */
export class PostgresQueue implements Queue {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async lease(name: string, options: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean }): Promise<readonly Delivery[]> {
    return leaseNext(this.#database, name, options);
  }

  async extend(name: string, items: readonly ItemReceipt[], leaseMs: number): Promise<readonly ItemReceipt[]> {
    const fences = byFence(items);
    const rows = await this.#database.pool.all<{ fence: number; seq: number }>(EXTEND, name, numberArray(fences.keys()), leaseMs);
    const kept = new Set(rows.map(({ fence, seq }) => `${fence}/${seq}`));
    return items.filter(({ item, fence }) => !kept.has(`${fence}/${item}`));
  }

  async release(name: string, items: readonly ItemReceipt[]): Promise<void> {
    await this.#database.transact(async (connection) => {
      const subscription = await findSubscription(connection, name);
      if (subscription !== undefined) await releaseRows(connection, subscription.subscriptionId, items);
    });
  }

  async nextDueMs(name: string): Promise<number | undefined> {
    const row = known(name, await this.#database.pool.get<DueRow>(NEXT_DUE, name));
    const { nowMs, pausedUntilMs } = row;
    if (pausedUntilMs === FOREVER_MS) return undefined;
    const nextMs = row.ready ? nowMs : Math.min(...[row.laterMs, row.leasedMs, row.delayedMs].map((ms) => ms ?? Number.POSITIVE_INFINITY));
    if (nextMs === Number.POSITIVE_INFINITY) return undefined;
    return this.#database.context.runtime.clock.now() + Math.max(nextMs, pausedUntilMs ?? 0) - nowMs; // the database's time, on the caller's clock
  }

  watch(wake: () => void): () => void {
    return this.#database.wake.watch(wake);
  }
}

/** The subscription that is named by $1. */
const MINE = '(select subscription_id from {s}.subscriptions where name = $1)';

/** What nobody may have but the owner of the lease or the head of the key. */
const BLOCKED = `busy as materialized (select unnest(seqs) as seq from {s}.leases where subscription_id = ${MINE}),
  blocked as materialized (
    select unnest(keys) as key from {s}.leases where subscription_id = ${MINE}
    union select key from {s}.queue where subscription_id = ${MINE} and lane = any('{${LANES.later},${LANES.held}}') and key is not null),
  ahead as materialized (select key, seq from {s}.queue where subscription_id = ${MINE} and lane = ${LANES.suspect} and key is not null)`;

/**
 * Ready rows in their order; of an ordered subscription none whose key is in flight, waits for a retry or is held, and none behind a
 * suspect of its key. Written so that the index is walked in order, and the walk ends where enough is found: of a number that is not 0 the
 * planner believes, rightly, that it is nearly every row's.
 */
const READY = `q.subscription_id = ${MINE} and q.lane = ${LANES.ready} and (q.seq not in (select seq from busy)
  and (q.key is null or (q.key not in (select key from blocked) and not exists (select 1 from ahead a where a.key = q.key and a.seq < q.seq))))::int <> 0`;

/** A suspect goes alone, and not before what is ready of its key and came before it. */
const SUSPECT = `q.subscription_id = ${MINE} and q.lane = ${LANES.suspect} and q.seq not in (select seq from busy)
  and (q.key is null or (q.key not in (select key from blocked) and not exists (
    select 1 from {s}.queue r where r.subscription_id = ${MINE} and r.lane = ${LANES.ready} and r.key = q.key and r.seq < q.seq)))`;

/**
 * What is to be seen to before ready messages are handed out. A least value is found at the end of an index, whatever the planner believes of
 * a table that is empty at one time and full at another; `exists` it may answer by reading all of it.
 */
const CHORES = `coalesce(s.paused_until_ms > {now}, false) as paused,
    coalesce((select min(due_at_ms) from {s}.queue where subscription_id = s.subscription_id and due_at_ms is not null) <= {now}, false) as due,
    s.kind <> 'remote' and coalesce((select min(due_at_ms) from {s}.messages where topic = s.topic and due_at_ms is not null) <= {now}, false) as delayed,
    (select min(seq) from {s}.queue where subscription_id = s.subscription_id and lane = ${LANES.suspect}) is not null
      or coalesce((select min(until_ms) from {s}.leases where subscription_id = s.subscription_id) <= {now}, false) as suspicious,
    coalesce((select key from {s}.queue where subscription_id = s.subscription_id and lane = ${LANES.ready} order by seq limit 1)
      in (select key from {s}.queue where subscription_id = s.subscription_id and lane = ${LANES.held}), false) as obstructed`;

interface ChoresRow {
  readonly subscriptionId: number;
  readonly kind: Subscription['kind'];
  readonly topic: string;
  readonly paused: boolean;
  readonly due: boolean;
  readonly delayed: boolean;
  /** There are suspects, or leases that ran out. */
  readonly suspicious: boolean;
  /** The first that is ready stands behind a head that is held, as more may: every lease would walk past them. */
  readonly obstructed: boolean;
}

/** Puts the caller in line, with settings switched off for the rest of its transaction. */
const lock = (...settings: readonly string[]) => `select ${off(...settings)},
  s.subscription_id as "subscriptionId", s.kind, s.topic, ${CHORES} from {s}.subscriptions s where s.name = $1 for no key update of s`;

const LOCK = lock(...ALONG_INDEXES);

/**
 * What this transaction writes is a lease, and need not be forced to the disk: a server that crashes may forget it, which is no more than a lease that has run
 * out, for fences are never used again; only an owner that dies with it, within `wal_writer_delay`, is not charged with an attempt. Whoever stands in line waits for no disk.
 */
const LOCK_LIGHTLY = lock(...ALONG_INDEXES, 'synchronous_commit');

/** Those that wait for a retry, and are due. */
const PROMOTE = `update {s}.queue set lane = ${LANES.ready}, due_at_ms = null where subscription_id = $1 and due_at_ms <= {now} and lane = ${LANES.later}`;

/** What stands behind a head that is held leaves the scanned lane, until the head is decided about: some at a time, for others stand in line. */
const SET_ASIDE = `update {s}.queue set lane = ${LANES.waiting} where subscription_id = $1 and lane = ${LANES.ready} and seq = any(array(
    select seq from {s}.queue where subscription_id = $1 and lane = ${LANES.ready}
      and key in (select key from {s}.queue where subscription_id = $1 and lane = ${LANES.held}) order by seq limit 10000))`;

/**
 * Those whose owner let the lease run out: it may have died of any one of them. A lease that its owner's transaction holds locked is
 * not over, for that owner lives; if a former owner wakes up later it finds its lease gone (trap 11).
 */
const EXPIRE = `with expired as (
    delete from {s}.leases where lease_id in (select lease_id from {s}.leases where subscription_id = $1 and until_ms <= {now} for update skip locked) returning seqs
  ) update {s}.queue set lane = ${LANES.suspect} where subscription_id = $1 and lane = ${LANES.ready} and seq = any(array(select unnest(seqs) from expired))`;

const BODIES = 'left join {s}.messages m on m.seq = p.message';
/** Those that are not at hand: their numbers are $3. */
const OTHER_BODIES = `left join unnest($3::bigint[]) as known (message) on known.message = p.message
    left join {s}.messages m on m.seq = case when known.message is null then p.message end`;

/** The limit is part of the text, so that one plan does for every call. */
const leasing = (picked: string, bodies: string = BODIES) => `picked as materialized (${picked}),
  leased as (
    insert into {s}.leases (subscription_id, until_ms, lease_ms, seqs, keys)
    select ${MINE}, {now} + $2::bigint, $2::bigint, array_agg(seq), array(select distinct key from picked where key is not null) from picked having count(*) > 0 returning lease_id)
  select p.seq::float8 as seq, p.message::float8 as message, l.lease_id::float8 as fence, p.attempts, p.lane = ${LANES.suspect} as suspect, p.history,
    m.source, m.id, m.topic, m.type, m.key, m.time, m.headers, m.data, m.fingerprint, ${BEGUN}
  from leased l cross join picked p ${bodies} order by p.seq`;

const PICKED = `q.seq, ${messageOfRow('q')} as message, q.key, q.lane, q.attempts, q.history`;

/** What is ready, where there is nothing to be seen to before. */
const leaseReady = (max: number, suspects: boolean, bodies?: string) => `with ${BLOCKED},
  chores as materialized (select ${CHORES} from {s}.subscriptions s where s.name = $1),
  ${leasing(
    `select ${PICKED} from {s}.queue q
    where not exists (select 1 from chores where paused or due or delayed or obstructed ${suspects ? 'or suspicious' : ''}) and ${READY} order by q.seq limit ${max}`,
    bodies,
  )}`;

/** One suspect, its attempt counted, durably, before it runs, for nothing counts it once it has ended the process (traps 33, 51); or else what is ready. */
const leaseSuspectOrReady = (max: number, suspects: boolean) => `with ${BLOCKED},
  suspect as materialized (select ${PICKED} from {s}.queue q where ${suspects} and ${SUSPECT} order by q.seq limit 1),
  counted as (update {s}.queue set attempts = attempts + 1 where subscription_id = ${MINE} and lane = ${LANES.suspect} and seq = any(array(select seq from suspect))),
  ${leasing(`select seq, message, key, lane, attempts, history from suspect
    union all (select ${PICKED} from {s}.queue q where not exists (select 1 from suspect) and ${READY} order by q.seq limit ${max})`)}`;

interface LeasedRow extends MessageRow {
  readonly seq: number;
  /** The number of its message. */
  readonly message: number;
  readonly fence: number;
  readonly attempts: number;
  readonly suspect: boolean;
  readonly history: string | null;
  readonly fingerprint: string;
}

/** The message of a row is gone. */
const isGone = ({ source }: { readonly source: string | null }) => source === null;

/** What a message's row holds beside its number. */
export type Body = MessageRow & Pick<LeasedRow, 'fingerprint'>;

interface LeaseOptions {
  readonly max: number;
  readonly leaseMs: number;
  readonly suspects: boolean;
  /** Messages that need not be read, by number: they came by the log, to a relay. */
  readonly bodies?: ReadonlyMap<number, Body>;
}

/**
 * Leases of one subscription stand in line: what is in flight, and whose turn a key is, must be certain. So all of one goes out in one batch,
 * and the line is as long as a commit; only where something is to be seen to first it takes a second, slower turn.
 */
export async function leaseNext(database: PostgresDatabase, name: string, options: LeaseOptions): Promise<readonly Delivery[]> {
  const { max, leaseMs, suspects, bodies } = options;
  const [locked, rows] = await database.atOnce((connection) =>
    Promise.all([
      connection.get<ChoresRow>(LOCK_LIGHTLY, name),
      connection.all<LeasedRow>(leaseReady(max, suspects, bodies && OTHER_BODIES), name, Math.ceil(leaseMs), ...(bodies ? [numberArray(bodies.keys())] : [])),
    ]),
  );
  const { subscriptionId, kind, paused, due, delayed, suspicious, obstructed } = known(name, locked);
  const hasChores = !paused && (due || delayed || obstructed || (suspicious && suspects));
  const leased =
    rows.length === 0 && hasChores
      ? await database.quietly((connection) => leaseAfterChores(connection, name, options))
      : rows.map((row) => ({ ...row, ...bodies?.get(row.message) }));
  const gone = leased.filter(isGone);
  if (gone.length > 0) await removeGone(database, name, subscriptionId, gone);
  return leased.filter((row) => !isGone(row)).map((row) => deliveryOf(row, kind));
}

/** A row whose message is gone would be leased again and again. Nobody can handle it: it goes too, and that is told. */
async function removeGone(database: PostgresDatabase, name: string, subscriptionId: number, rows: readonly LeasedRow[]): Promise<void> {
  const items = rows.map(({ seq, fence }): ItemReceipt => ({ kind: 'item', item: seq, fence }));
  await database.transact((connection) => removeRows(connection, subscriptionId, items));
  const text = `${rows.length} of the messages of ${name} are missing from the table of messages, and were never handled: somebody else deletes from it`;
  await database.context.lifecycle.emit({ type: 'trouble', consumer: name, error: new SemelError('store-corrupt', text, { details: { name, seqs: rows.map(({ seq }) => seq) } }) });
}

/** Sees to what is due, delayed, in the way, or ran out, then leases. */
async function leaseAfterChores(connection: Connection, name: string, { max, leaseMs, suspects }: LeaseOptions): Promise<readonly LeasedRow[]> {
  const { subscriptionId, topic, paused, due, delayed, suspicious, obstructed } = known(name, await connection.get<ChoresRow>(LOCK, name));
  if (paused) return [];
  const steps: Promise<unknown>[] = [];
  if (due) steps.push(connection.all(PROMOTE, subscriptionId));
  if (delayed) steps.push(connection.all(PUBLISH_DELAYED, topic));
  if (suspicious && suspects) steps.push(connection.all(EXPIRE, subscriptionId));
  if (obstructed) steps.push(connection.all(SET_ASIDE, subscriptionId));
  const leased = connection.all<LeasedRow>(leaseSuspectOrReady(max, suspects), name, Math.ceil(leaseMs));
  await Promise.all([...steps, leased]);
  return leased;
}

function deliveryOf(row: LeasedRow, kind: Subscription['kind']): Delivery {
  const { suspect } = row;
  const message = messageOf(row, kind === 'route' && row.key !== null ? { sequence: sequenceOf(row.message) } : undefined);
  return {
    topic: row.topic,
    content: { message, json: row.data, ...(row.fingerprint === '' ? {} : { fingerprint: row.fingerprint }) },
    receipt: { kind: 'item', item: row.seq, fence: row.fence },
    attempt: row.attempts + 1,
    ...(row.history === null ? {} : { history: JSON.parse(row.history) as Failure[] }),
    ...(suspect ? { suspect } : {}),
  };
}

/**
 * Sorts as text, as CloudEvents asks of `sequence`, and ascends within a key, as far as the transactions that published it followed one
 * another. One number for all keys needs no counter per key, of which there would be as many for ever as there ever were keys.
 */
function sequenceOf(seq: number): string {
  return String(seq).padStart(16, '0');
}

/** A lease that its owner's transaction holds locked needs no prolonging while it does, and is prolonged by that transaction's end. */
const EXTEND = `with mine as (
    select lease_id, seqs from {s}.leases where lease_id = any($2::bigint[]) and subscription_id = ${MINE}
  ), extended as (
    update {s}.leases set until_ms = {now} + $3::bigint where lease_id in (select lease_id from {s}.leases where lease_id in (select lease_id from mine) for update skip locked)
  ) select lease_id::float8 as fence, unnest(seqs)::float8 as seq from mine`;

interface DueRow {
  readonly nowMs: number;
  readonly pausedUntilMs: number | null;
  readonly ready: boolean;
  readonly laterMs: number | null;
  readonly leasedMs: number | null;
  readonly delayedMs: number | null;
}

const NEXT_DUE = `with ${BLOCKED}
  select {now}::float8 as "nowMs", s.paused_until_ms::float8 as "pausedUntilMs",
    (select q.seq from {s}.queue q where ${READY} order by q.seq limit 1) is not null or (select q.seq from {s}.queue q where ${SUSPECT} order by q.seq limit 1) is not null as ready,
    (select min(due_at_ms) from {s}.queue where subscription_id = s.subscription_id and due_at_ms is not null)::float8 as "laterMs",
    (select min(until_ms) from {s}.leases where subscription_id = s.subscription_id)::float8 as "leasedMs",
    case when s.kind <> 'remote' then (select min(due_at_ms) from {s}.messages where topic = s.topic and due_at_ms is not null) end::float8 as "delayedMs"
  from {s}.subscriptions s where s.name = $1`;
