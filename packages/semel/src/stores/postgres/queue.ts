import type { Delivery, Failure } from '../../core/delivery.ts';
import type { ItemReceipt, Queue, Subscription } from '../../core/store.ts';
import { type MessageRow, messageOf } from '../../core/stored-message.ts';
import { numberArray } from './driver.ts';
import type { Connection, PostgresDatabase } from './postgres-database.ts';
import { byFence, LANES, releaseRows } from './queue-rows.ts';
import { PUBLISH_DELAYED } from './stage.ts';
import { FOREVER_MS, findSubscription, known, lockSubscription } from './subscriptions.ts';

/** {@link Queue} over the rows that publishing fans out, parked retries and the outbox alike. */
export class PostgresQueue implements Queue {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async lease(name: string, options: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean }): Promise<readonly Delivery[]> {
    return this.#database.quietly((connection) => lease(connection, name, options));
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

/** What nobody may have but the owner of the lease or the head of the key; `subscription_id` is $1. */
const BLOCKED = `busy as materialized (select unnest(seqs) as seq from {s}.leases where subscription_id = $1),
  blocked as materialized (
    select unnest(keys) as key from {s}.leases where subscription_id = $1
    union select key from {s}.queue where subscription_id = $1 and lane = any('{${LANES.later},${LANES.held}}') and key is not null),
  ahead as materialized (select key, seq from {s}.queue where subscription_id = $1 and lane = ${LANES.suspect} and key is not null)`;

/**
 * Ready rows in their order; of an ordered subscription none whose key is in flight, waits for a retry or is held, and none behind a
 * suspect of its key. Written so that the index is walked in order, and the walk ends where enough is found.
 */
const READY = `q.subscription_id = $1 and q.lane = ${LANES.ready} and q.seq not in (select seq from busy)
  and (q.key is null or (q.key not in (select key from blocked) and not exists (select 1 from ahead a where a.key = q.key and a.seq < q.seq)))`;

/** A suspect goes alone, and not before what is ready of its key and came before it. */
const SUSPECT = `q.subscription_id = $1 and q.lane = ${LANES.suspect} and q.seq not in (select seq from busy)
  and (q.key is null or (q.key not in (select key from blocked) and not exists (
    select 1 from {s}.queue r where r.subscription_id = $1 and r.lane = ${LANES.ready} and r.key = q.key and r.seq < q.seq)))`;

/** Those that wait for a retry, and are due. */
const PROMOTE = `update {s}.queue set lane = ${LANES.ready}, due_at_ms = null where subscription_id = $1 and due_at_ms <= {now} and lane = ${LANES.later}`;

/** What stands behind a head that is held leaves the scanned lane, until the head is decided about. */
const SET_ASIDE = `update {s}.queue q set lane = ${LANES.waiting} where q.subscription_id = $1 and q.lane = ${LANES.ready}
  and q.key in (select key from {s}.queue h where h.subscription_id = $1 and h.lane = ${LANES.held})`;

/**
 * Those whose owner let the lease run out: it may have died of any one of them. A lease that its owner's transaction holds locked is
 * not over, for that owner lives; if a former owner wakes up later it finds its lease gone (trap 11).
 */
const EXPIRE = `with expired as (
    delete from {s}.leases where lease_id in (select lease_id from {s}.leases where subscription_id = $1 and until_ms <= {now} for update skip locked) returning seqs
  ) update {s}.queue q set lane = ${LANES.suspect} from expired e where q.subscription_id = $1 and q.lane = ${LANES.ready} and q.seq = any(e.seqs)`;

/** One suspect, its attempt counted, durably, before it runs, for nothing counts it once it has ended the process (traps 33, 51); or else what is ready. */
const LEASE = `with ${BLOCKED},
  suspect as materialized (select q.seq, q.key from {s}.queue q where $4::boolean and ${SUSPECT} order by q.seq limit 1),
  picked as materialized (
    select seq, key from suspect
    union all (select q.seq, q.key from {s}.queue q where not exists (select 1 from suspect) and ${READY} order by q.seq limit $2::int)),
  counted as (
    update {s}.queue set attempts = attempts + 1 where subscription_id = $1 and lane = ${LANES.suspect} and seq in (select seq from suspect)),
  leased as (
    insert into {s}.leases (subscription_id, until_ms, seqs, keys)
    select $1, {now} + $3::bigint, array_agg(seq), array(select distinct key from picked where key is not null) from picked having count(*) > 0 returning lease_id)
  select p.seq::float8 as seq, l.lease_id::float8 as fence, q.attempts, q.lane = ${LANES.suspect} as suspect, q.history,
    m.source, m.id, m.topic, m.type, m.key, m.time, m.headers, m.data, m.fingerprint
  from leased l cross join picked p
    join {s}.queue q on q.subscription_id = $1 and q.lane = any('{${LANES.ready},${LANES.suspect}}') and q.seq = p.seq
    join {s}.messages m on m.seq = p.seq order by p.seq`;

interface LeasedRow extends MessageRow {
  readonly seq: number;
  readonly fence: number;
  readonly attempts: number;
  readonly suspect: boolean;
  readonly history: string | null;
  readonly fingerprint: string;
}

/** Leases of one subscription stand in line: what is in flight, and whose turn a key is, must be certain. The line is as long as one commit. */
async function lease(
  connection: Connection,
  name: string,
  { max, leaseMs, suspects }: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean },
): Promise<readonly Delivery[]> {
  const { subscriptionId, kind, topic, pausedUntilMs, ordered } = await lockSubscription(connection, name);
  if (pausedUntilMs !== null && pausedUntilMs > (await nowMs(connection))) return [];
  const steps: Promise<unknown>[] = [connection.all(PROMOTE, subscriptionId)];
  if (kind !== 'remote') steps.push(connection.all(PUBLISH_DELAYED, topic));
  if (suspects) steps.push(connection.all(EXPIRE, subscriptionId));
  if (ordered) steps.push(connection.all(SET_ASIDE, subscriptionId));
  const leased = connection.all<LeasedRow>(LEASE, subscriptionId, max, Math.ceil(leaseMs), suspects);
  await Promise.all([...steps, leased]);
  return (await leased).map((row) => deliveryOf(row, kind));
}

function deliveryOf(row: LeasedRow, kind: Subscription['kind']): Delivery {
  const { suspect } = row;
  const message = messageOf(row, kind === 'route' && row.key !== null ? { sequence: sequenceOf(row.seq) } : undefined);
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

async function nowMs(connection: Connection): Promise<number> {
  return (await connection.get<{ now: number }>('select {now}::float8 as now'))?.now ?? 0;
}

/** A lease that its owner's transaction holds locked needs no prolonging while it does. */
const EXTEND = `with mine as (
    select lease_id, seqs from {s}.leases where lease_id = any($2::bigint[]) and subscription_id = (select subscription_id from {s}.subscriptions where name = $1)
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

const MINE = '(select subscription_id from {s}.subscriptions where name = $1)';
const mine = (sql: string) => sql.replaceAll('subscription_id = $1', `subscription_id = ${MINE}`);

const NEXT_DUE = `with ${mine(BLOCKED)}
  select {now}::float8 as "nowMs", s.paused_until_ms::float8 as "pausedUntilMs",
    exists (select 1 from {s}.queue q where ${mine(READY)}) or exists (select 1 from {s}.queue q where ${mine(SUSPECT)}) as ready,
    (select min(due_at_ms) from {s}.queue where subscription_id = s.subscription_id and due_at_ms is not null)::float8 as "laterMs",
    (select min(until_ms) from {s}.leases where subscription_id = s.subscription_id)::float8 as "leasedMs",
    case when s.kind <> 'remote' then (select min(due_at_ms) from {s}.messages where topic = s.topic and due_at_ms is not null) end::float8 as "delayedMs"
  from {s}.subscriptions s where s.name = $1`;
