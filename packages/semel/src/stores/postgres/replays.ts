import type { Replay, ReplayRange, ReplayRequest, Replays } from '../../core/store.ts';
import { idsColumn, type ReplayRow, replayOf } from '../../core/stored-replay.ts';
import type { Connection } from './connection.ts';
import { type SqlValue, textArray } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { NEXT_NUMBER, notQueued } from './queue-rows.ts';
import { lockSubscription, requireSubscription, type SubscriptionRow } from './subscriptions.ts';

/** Messages per transaction. */
const BATCH = 1_000;

/** {@link Replays}: a row per replay. */
export class PostgresReplays implements Replays {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async replay(request: ReplayRequest): Promise<Replay> {
    const { id, toMs } = await this.#database.quietly((connection) => record(connection, request));
    for (let after = 0; ; ) {
      const last = await this.#database.transact((connection) => replayBatch(connection, id, { ...request, toMs }, after));
      if (last === undefined) break;
      after = last;
    }
    return replayOf((await this.#database.pool.get<ReplayRow>(`${SELECT} where replay_id = $1::bigint`, id)) as ReplayRow);
  }

  async count(range: ReplayRange): Promise<number> {
    const { pool } = this.#database;
    const values = valuesOf(await requireSubscription(pool, range.consumer), range, 0);
    return (await pool.get<{ count: number }>(`select count(*)::float8 as count ${REPLAYABLE}`, ...values))?.count ?? 0;
  }

  async list({ consumer = null }: { readonly consumer?: string | null } = {}): Promise<readonly Replay[]> {
    return (await this.#database.pool.all<ReplayRow>(`${SELECT} where $1::text is null or consumer = $1 order by replay_id`, consumer)).map(replayOf);
  }
}

async function record(connection: Connection, { consumer, fromMs, toMs, ids, by, reason }: ReplayRequest): Promise<{ readonly id: number; readonly toMs: number }> {
  await requireSubscription(connection, consumer);
  const row = await connection.get<{ id: number; toMs: number }>(RECORD, consumer, fromMs, toMs ?? null, idsColumn(ids), by, reason);
  return row as { id: number; toMs: number };
}

/** The range ends now at the latest: what is handled while the replay runs is not its business. */
const RECORD = `insert into {s}.replays (consumer, from_ms, to_ms, ids, requested_by, reason, at_ms)
  values ($1, $2::bigint, least($3::bigint, {now}), $4, $5, $6, {now}) returning replay_id::float8 as id, to_ms::float8 as "toMs"`;

/** Published, and of the range; not waiting in the queue, and not dead, which is for whoever decides about the dead letter. */
const REPLAYABLE = `from {s}.messages m
  where m.seq > $6::bigint and m.topic = $2 and m.due_at_ms is null and not m.parked
    and m.published_at_ms >= $3::bigint and m.published_at_ms < least($4::bigint, {now}) and ($5::text[] is null or m.id = any($5::text[]))
    and ${notQueued('$1', 'm.seq')}
    and not exists (select 1 from {s}.dead_letters d where d.subscription_id = $1 and d.source = m.source and d.id = m.id and d.fingerprint = m.fingerprint)
    and not exists (select 1 from {s}.inbox i where i.subscription_id = $1 and i.source = m.source and i.id = m.id and i.state = 'dead')`;

function valuesOf({ subscriptionId, topic }: SubscriptionRow, { fromMs, toMs, ids }: ReplayRange, afterSeq: number): readonly SqlValue[] {
  return [subscriptionId, topic, fromMs, toMs ?? null, ids === undefined ? null : textArray(ids), afterSeq];
}

/** Under the lock of the subscription, so that two replays at once put in no message twice; and under one of the messages, so that pruning removes none of them. */
const REPLAY = `with picked as materialized (
    select m.seq, m.source, m.id, m.key ${REPLAYABLE} order by m.seq limit ${BATCH} for key share
  ), reopened as (
    delete from {s}.inbox i using picked p where i.subscription_id = $1 and i.source = p.source and i.id = p.id
  ), queued as (
    insert into {s}.queue (subscription_id, seq, message_seq, key, parked)
    select $1, ${NEXT_NUMBER}, seq, case when $7::boolean then key end, $8::boolean from (select * from picked order by seq) p returning message_seq
  ), counted as (
    update {s}.replays set messages = messages + (select count(*) from queued) where replay_id = $9::bigint
  ) select max(message_seq)::float8 as last from queued`;

/** Replays the next messages; returns the last of them, or undefined where there is none. */
async function replayBatch(connection: Connection, replayId: number, range: ReplayRange, afterSeq: number): Promise<number | undefined> {
  const subscription = await lockSubscription(connection, range.consumer);
  const { ordered, kind } = subscription;
  const row = await connection.get<{ last: number | null }>(REPLAY, ...valuesOf(subscription, range, afterSeq), ordered, kind === 'remote', replayId);
  return row?.last ?? undefined;
}

const SELECT = `select replay_id::float8 as id, consumer, from_ms::float8 as "fromMs", to_ms::float8 as "toMs", ids, requested_by as by, reason, at_ms::float8 as "atMs",
  messages::float8 as messages from {s}.replays`;
