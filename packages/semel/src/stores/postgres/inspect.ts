import { identityKey } from '../../core/message.ts';
import { PartitionChains } from '../../core/partition-chain.ts';
import type { ItemState } from '../../core/session.ts';
import type { WorkItem } from '../../core/store.ts';
import { fingerprintOf } from '../../core/stored-message.ts';
import { ALONG_INDEXES, BEGUN, off } from './bounds.ts';
import { type Connection, inOrder } from './connection.ts';
import { identityArrays, numberArray, textArray } from './driver.ts';
import { type PartitionRow, partitionRows } from './positions.ts';
import { DELAYED } from './stage.ts';
import { known, SUBSCRIPTION_COLUMNS, type SubscriptionRow } from './subscriptions.ts';

/** What the inspection of a transaction's items found out, and what it wrote. */
export interface Inspection {
  readonly subscription: SubscriptionRow;
  readonly states: readonly ItemState[];
  /** The items whose records were written in advance; those that are not done lose them again. */
  readonly claimed: ReadonlySet<WorkItem>;
  /** How many messages each lease holds, by fence. */
  readonly leases: ReadonlyMap<number, number>;
  readonly partitions: readonly PartitionRow[];
  /** Messages wait for their time. */
  readonly delayed: boolean;
  /** Names the transaction after a lost reply; undefined where it has written nothing. */
  readonly xid: string | undefined;
}

/**
 * Locks the leases, and claims the records as a set: each is inserted now, and so nobody else's until the end of the transaction, or was
 * there. Sorted, so that two transactions never wait for one another in a circle (trap 10).
 */
const CLAIM = `with subscription as materialized (
    select ${SUBSCRIPTION_COLUMNS} from {s}.subscriptions where name = $1
  ), held as materialized (
    select lease_id, seqs from {s}.leases where lease_id = any($2::bigint[]) and subscription_id = (select "subscriptionId" from subscription) for update
  ), leased as materialized (
    select lease_id, unnest(seqs) as seq from held
  ), given as materialized (
    select g.*, g.fence is not null and (g.fence, g.seq) not in (select lease_id, seq from leased) as lost
    from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[]) with ordinality as g (fence, seq, source, id, fingerprint, n)
  ), claimed as (
    insert into {s}.inbox (subscription_id, source, id, fingerprint, at_ms)
    select (select "subscriptionId" from subscription), source, id, fingerprint, {now} from given where source is not null and not lost order by source, id
    on conflict (subscription_id, source, id) do nothing returning 1
  ) select s.*, ${BEGUN}, ${DELAYED},
    (select count(*) from claimed)::int as claimed,
    (select string_agg(n::text, ',') from given where lost) as lost,
    (select string_agg(lease_id || ':' || cardinality(seqs), ',') from held) as leases,
    case when exists (select 1 from claimed) or exists (select 1 from held) or $8::boolean then pg_current_xact_id()::text end as xid
  from subscription s`;

interface ClaimRow extends SubscriptionRow {
  readonly claimed: number;
  readonly delayed: boolean;
  readonly lost: string | null;
  readonly leases: string | null;
  readonly xid: string | null;
}

/** Inspects and claims; what it says stays true until the end of the transaction. */
export async function inspectItems(connection: Connection, name: string, items: readonly WorkItem[]): Promise<Inspection> {
  const claims = distinctClaims(items);
  const row = known(name, await claim(connection, name, items, claims));
  const lost = new Set(row.lost?.split(',').map((n) => items[Number(n) - 1]));
  const wanted = [...claims].filter((item) => !lost.has(item));
  const partitions = await partitionRows(connection, row.subscriptionId, items);
  const records = row.claimed === wanted.length ? NO_RECORDS : await recordsOf(connection, row, wanted);
  const parked = await parkedKeys(connection, row, items);
  const chains = new PartitionChains(partitions);
  const states = items.map((item): ItemState => {
    if (lost.has(item)) return { kind: 'lost' };
    const broken = item.receipt.kind === 'position' ? chains.follow(item.receipt) : undefined;
    if (broken !== undefined) return broken;
    const recorded = item.message && item.claim && records.get(identityKey(item.message));
    return recorded ?? (isBehind(item, parked) ? WAITING : FRESH);
  });
  return {
    subscription: row,
    states,
    claimed: new Set(wanted.filter((item) => !isRecorded(records, item))),
    leases: leasesOf(row.leases),
    partitions,
    delayed: row.delayed,
    xid: row.xid ?? undefined,
  };
}

const FRESH: ItemState = { kind: 'fresh' };
const WAITING: ItemState = { kind: 'waiting' };

function isBehind({ receipt, message }: WorkItem, parked: ReadonlySet<string>): boolean {
  return receipt.kind !== 'item' && message?.key !== undefined && parked.has(message.key);
}

type Records = ReadonlyMap<string, ItemState>;
const NO_RECORDS: Records = new Map();

function claim(connection: Connection, name: string, items: readonly WorkItem[], claims: ReadonlySet<WorkItem>): Promise<ClaimRow | undefined> {
  const fenceOf = ({ receipt }: WorkItem) => (receipt.kind === 'item' ? receipt.fence : null);
  const claimOf = (item: WorkItem, value: string | undefined) => (claims.has(item) ? (value ?? null) : null);
  const writes = items.some((item) => item.claim === undefined); // whose handler may write although nothing was claimed
  return connection.get<ClaimRow>(
    CLAIM,
    name,
    numberArray(new Set(items.flatMap(({ receipt }) => (receipt.kind === 'item' ? [receipt.fence] : [])))),
    numberArray(items.map(fenceOf)),
    numberArray(items.map(({ receipt }) => (receipt.kind === 'item' ? receipt.item : null))),
    textArray(items.map((item) => claimOf(item, item.message?.source))),
    textArray(items.map((item) => claimOf(item, item.message?.id))),
    textArray(items.map((item) => claimOf(item, fingerprintOf(item)))),
    writes,
  );
}

/** The first of each identity. */
function distinctClaims(items: readonly WorkItem[]): ReadonlySet<WorkItem> {
  const first = new Map<string, WorkItem>();
  for (const item of items) {
    if (item.message === undefined || item.claim === undefined) continue;
    const key = identityKey(item.message);
    if (!first.has(key)) first.set(key, item);
  }
  return new Set(first.values());
}

function leasesOf(text: string | null): ReadonlyMap<number, number> {
  return new Map(text?.split(',').map((lease) => lease.split(':').map(Number) as [number, number]));
}

/** Whether a record was there before: an item that was claimed finds the record of its own claim. */
function isRecorded(records: Records, { message }: WorkItem): boolean {
  return message !== undefined && records.has(identityKey(message));
}

interface RecordRow {
  readonly source: string;
  readonly id: string;
  readonly state: 'done' | 'dead';
  readonly fingerprint: string;
  readonly result: string | null;
}

/** Those that this transaction has not written itself: `xmin` tells who wrote a row. Each is looked up by its identity, however the planner takes the table. */
const RECORDS = `select r.* from (select distinct * from unnest($2::text[], $3::text[]) as g (source, id)) g cross join lateral (
    select source, id, state, fingerprint, result from {s}.inbox i where i.subscription_id = $1 and i.source = g.source and i.id = g.id
      and xmin::text <> coalesce((pg_current_xact_id_if_assigned()::text::numeric % 4294967296)::text, '') limit 1) r`;

async function recordsOf(connection: Connection, { subscriptionId }: SubscriptionRow, items: readonly WorkItem[]): Promise<Records> {
  const identities = identityArrays(items.map(({ message }) => message));
  const [, , rows = []] = await inOrder([
    connection.all<RecordRow>('savepoint semel_look'),
    connection.all<RecordRow>(`select ${off(...ALONG_INDEXES)}`),
    connection.all<RecordRow>(RECORDS, subscriptionId, ...identities),
    connection.all<RecordRow>('rollback to savepoint semel_look'), // the handlers' statements are planned as they were
    connection.all<RecordRow>('release savepoint semel_look'),
  ]);
  return new Map(rows.map((row) => [identityKey(row), stateOf(row)]));
}

function stateOf({ state, fingerprint, result }: RecordRow): ItemState {
  return state === 'dead' || result === null ? { kind: state, fingerprint } : { kind: state, fingerprint, result: JSON.parse(result) };
}

/** The keys of ordered messages that come from a transport, of which something is parked in the queue. */
async function parkedKeys(connection: Connection, { subscriptionId, ordered }: SubscriptionRow, items: readonly WorkItem[]): Promise<ReadonlySet<string>> {
  const keys = new Set(ordered ? items.flatMap(({ receipt, message }) => (receipt.kind !== 'item' && message?.key !== undefined ? [message.key] : [])) : []);
  if (keys.size === 0) return keys;
  return new Set((await connection.all<{ key: string }>(PARKED_KEYS, subscriptionId, textArray(keys))).map(({ key }) => key));
}

const PARKED_KEYS = 'select distinct key from {s}.queue where subscription_id = $1 and key = any($2::text[]) and parked';
