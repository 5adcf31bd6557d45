import type { Replay, ReplayRange, ReplayRequest, Replays } from '../../core/store.ts';
import { idsColumn, type ReplayRow, replayOf } from '../../core/stored-replay.ts';
import type { Connection, NamedValues } from './connection.ts';
import { lastPosition, letHeadsGo } from './key-order.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { requireSubscription, type SubscriptionRow } from './subscriptions.ts';

/** Messages per transaction. */
const BATCH = 1_000;

/** {@link Replays}: a row per replay. */
export class SqliteReplays implements Replays {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async replay(request: ReplayRequest): Promise<Replay> {
    const { nowMs } = this.#file;
    const range = { ...request, toMs: Math.min(request.toMs ?? nowMs, nowMs) };
    const id = await this.#file.writer.transact((connection) => record(connection, range, nowMs));
    for (let after = 0; ; ) {
      const last = await this.#file.transact((connection) => replayBatch(connection, id, range, after, nowMs));
      if (last === undefined) break;
      after = last;
    }
    return replayOf(this.#file.reader.get<ReplayRow>(`${SELECT} where replay_id = ?`, id) as ReplayRow);
  }

  async count(range: ReplayRange): Promise<number> {
    const { reader, nowMs } = this.#file;
    const toMs = Math.min(range.toMs ?? nowMs, nowMs);
    return reader.get<{ count: number }>(`select count(*) as count ${REPLAYABLE}`, valuesOf(requireSubscription(reader, range.consumer), { ...range, toMs }, 0))?.count ?? 0;
  }

  async list({ consumer = null }: { readonly consumer?: string | null } = {}): Promise<readonly Replay[]> {
    return this.#file.reader.all<ReplayRow>(`${SELECT} where :consumer is null or consumer = :consumer order by replay_id`, { consumer }).map(replayOf);
  }
}

/** The range ends now at the latest: what is handled while the replay runs is not its business. */
type Range = ReplayRange & { readonly toMs: number };

function record(connection: Connection, { consumer, fromMs, toMs, ids, by, reason }: ReplayRequest & Range, nowMs: number): number {
  requireSubscription(connection, consumer);
  const sql = 'insert into semel_replays (consumer, from_ms, to_ms, ids, requested_by, reason, at_ms) values (?, ?, ?, ?, ?, ?, ?) returning replay_id as id';
  const row = connection.get<{ id: number }>(sql, consumer, fromMs, toMs, idsColumn(ids), by, reason, nowMs);
  return (row as { id: number }).id;
}

/** Published and taken in, and of the range; not waiting in the queue, and not dead, which is for whoever decides about the dead letter. */
const REPLAYABLE = `from semel_messages m
  where m.seq > :after and m.seq <= :takenSeq and m.topic = :topic and m.due_at_ms is null and m.parked = 0
    and m.published_at_ms >= :fromMs and m.published_at_ms < :toMs and (:ids is null or m.id in (select value from json_each(:ids)))
    and not exists (select 1 from semel_queue q where q.subscription_id = :subscriptionId and q.seq = m.seq)
    and not exists (select 1 from semel_dead_letters d where d.subscription_id = :subscriptionId and d.source = m.source and d.id = m.id and d.fingerprint = m.fingerprint)
    and not exists (select 1 from semel_inbox i where i.subscription_id = :subscriptionId and i.source = m.source and i.id = m.id and i.state = 'dead')`;

function valuesOf({ subscriptionId, kind, topic, takenSeq }: SubscriptionRow, { fromMs, toMs, ids }: Range, after: number): NamedValues {
  return { subscriptionId, topic, takenSeq: kind === 'remote' ? Number.MAX_SAFE_INTEGER : takenSeq, fromMs, toMs, ids: idsColumn(ids), after };
}

/** Replays the next messages; returns the last of them, or undefined where there is none. */
function replayBatch(connection: Connection, replayId: number, range: Range, after: number, nowMs: number): number | undefined {
  const subscription = requireSubscription(connection, range.consumer);
  const seqs = connection.all<{ seq: number }>(`select m.seq ${REPLAYABLE} order by m.seq limit ${BATCH}`, valuesOf(subscription, range, after)).map(({ seq }) => seq);
  if (seqs.length === 0) return undefined;
  const { subscriptionId, ordered } = subscription;
  const list = JSON.stringify(seqs);
  connection.run(REOPEN, subscriptionId, list);
  const before = lastPosition(connection);
  connection.run(QUEUE, { subscriptionId, ordered, nowMs, list });
  if (ordered === 1) letHeadsGo(connection, before);
  connection.run('update semel_replays set messages = messages + ? where replay_id = ?', seqs.length, replayId);
  return seqs.at(-1);
}

const REOPEN = `delete from semel_inbox where subscription_id = ?
  and (source, id) in (select source, id from semel_messages where seq in (select value from json_each(?)))`;

const QUEUE = `insert into semel_queue (subscription_id, seq, key, waiting, due_at_ms)
  select :subscriptionId, seq, iif(:ordered, key, null), :ordered and key is not null, :nowMs from semel_messages
  where seq in (select value from json_each(:list)) order by seq`;

const SELECT = `select replay_id as id, consumer, from_ms as fromMs, to_ms as toMs, ids, requested_by as by, reason, at_ms as atMs, messages from semel_replays`;
