import type { DatabaseSync } from 'node:sqlite';
import { type Backlog, EffectClock } from '../backlog.ts';
import { INSERT_PAYMENT } from '../business.ts';
import { kept } from '../files.ts';
import { fillBacklog } from '../fill.ts';
import type { Contender, OpenContender, Sample } from '../measure.ts';
import type { Order } from '../messages.ts';
import { openRaw, RawTransactions } from './raw-file.ts';
import { semelSchema } from './raw-schema.ts';

const GROUP = 100;
const LEASE_MS = 30_000;

/** Works off the backlog of a local topic by hand: on the tables of Semel, with its statements, in its two transactions for every 100 messages. */
export function rawLocal(backlog: Backlog): OpenContender {
  return async ({ folder }) => {
    const { path, made } = kept(folder, backlog.name, backlog.keep);
    const database = openRaw(path);
    if (!made) {
      database.exec(semelSchema('local'));
      fillBacklog(path, backlog.size);
    }
    return new RawLocal(database, backlog);
  };
}

/** A message as it comes out of the queue. */
interface Leased {
  readonly position: number;
  readonly fence: number;
  readonly source: string;
  readonly id: string;
  readonly headers: string;
  readonly data: string;
  readonly fingerprint: string;
}

class RawLocal implements Contender {
  readonly #database: DatabaseSync;
  readonly #backlog: Backlog;
  readonly #transactions: RawTransactions;
  readonly #lease: () => readonly Leased[];
  readonly #handle: (leased: readonly Leased[], tick: () => void) => void;

  constructor(database: DatabaseSync, backlog: Backlog) {
    this.#database = database;
    this.#backlog = backlog;
    this.#transactions = new RawTransactions(database);
    this.#lease = leasing(database);
    this.#handle = handling(database);
  }

  async run(ms: number): Promise<Sample> {
    let over = false;
    const clock = new EffectClock(this.#backlog, ms, (last) => {
      over = last;
    });
    const tick = () => clock.tick();
    while (!over) {
      const leased = this.#transactions.run(this.#lease);
      this.#transactions.run(() => this.#handle(leased, tick));
    }
    return { rate: clock.rate };
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

const SUBSCRIPTION = `select subscription_id as subscriptionId, kind, topic, ordered, taken_seq as takenSeq, paused_until_ms as pausedUntilMs
  from semel_subscriptions where name = 'payments'`;

/** The first transaction: nothing delayed, expired or suspect is due, so the next messages get queue rows, which are marked as in flight and read. */
function leasing(database: DatabaseSync): () => readonly Leased[] {
  const subscription = database.prepare(SUBSCRIPTION);
  const delayed = database.prepare('select seq from semel_messages where topic = ? and due_at_ms is not null and due_at_ms <= ? order by due_at_ms, seq');
  const expire = database.prepare('update semel_queue set suspect = 1, lease_until_ms = null where subscription_id = ? and lease_until_ms <= ?');
  const suspect = database.prepare(
    'select position from semel_queue where subscription_id = ? and suspect = 1 and waiting = 0 and lease_until_ms is null and due_at_ms <= ? order by position limit 1',
  );
  const ready = database.prepare(
    `select position, key from semel_queue indexed by semel_queue_ready
      where subscription_id = ? and waiting = 0 and lease_until_ms is null and due_at_ms <= ? and suspect = 0 order by due_at_ms, position limit ?`,
  );
  const last = database.prepare(
    'select max(seq) as seq from (select seq from semel_messages where topic = ? and seq > ? and due_at_ms is null and parked = 0 order by seq limit ?)',
  );
  const enqueue = database.prepare(
    `insert into semel_queue (subscription_id, seq, due_at_ms) select ?, seq, ? from semel_messages
      where topic = ? and seq > ? and due_at_ms is null and parked = 0 and seq <= ? order by seq on conflict (seq, subscription_id) do nothing`,
  );
  const advance = database.prepare('update semel_subscriptions set taken_seq = ? where subscription_id = ?');
  const mark = database.prepare('update semel_queue set lease_until_ms = ?, fence = fence + 1 where position in (select value from json_each(?))');
  const read = database.prepare(
    `select q.position, q.fence, q.attempts, q.suspect, q.history, m.seq, m.source, m.id, m.topic, m.type, m.key, m.time, m.headers, m.data, m.fingerprint
      from json_each(?) list cross join semel_queue q on q.position = list.value cross join semel_messages m on m.seq = q.seq order by list.key`,
  );
  return () => {
    const nowMs = Date.now();
    const { subscriptionId, topic, takenSeq } = subscription.get() as { subscriptionId: number; topic: string; takenSeq: number };
    delayed.all(topic, nowMs);
    expire.run(subscriptionId, nowMs);
    suspect.get(subscriptionId, nowMs);
    ready.all(subscriptionId, nowMs, GROUP);
    const { seq } = last.get(topic, takenSeq, GROUP) as { seq: number };
    enqueue.run(subscriptionId, nowMs, topic, takenSeq, seq);
    advance.run(seq, subscriptionId);
    const positions = JSON.stringify(ready.all(subscriptionId, nowMs, GROUP).map(({ position }) => position));
    mark.run(nowMs + LEASE_MS, positions);
    return read.all(positions) as unknown as Leased[];
  };
}

/** The second: fences and records are looked at; the effect and the record of each message; then the queue rows go, under their fence. */
function handling(database: DatabaseSync): (leased: readonly Leased[], tick: () => void) => void {
  const subscription = database.prepare(SUBSCRIPTION);
  const fences = database.prepare('select position, fence from semel_queue where subscription_id = ? and position in (select value from json_each(?))');
  const records = database.prepare('select id, state, fingerprint, result from semel_inbox where subscription_id = ? and source = ? and id in (select value from json_each(?))');
  const business = database.prepare(INSERT_PAYMENT);
  const inbox = database.prepare("insert into semel_inbox (subscription_id, source, id, state, fingerprint, at_ms) values (?, ?, ?, 'done', ?, ?)");
  const remove = database.prepare('delete from semel_queue where subscription_id = ? and fence = ? and position in (select value from json_each(?))');
  return (leased, tick) => {
    const { subscriptionId } = subscription.get() as { subscriptionId: number };
    const positions = JSON.stringify(leased.map(({ position }) => position));
    const held = new Map(fences.all(subscriptionId, positions).map(({ position, fence }) => [position, fence]));
    const done = new Set(records.all(subscriptionId, leased[0]?.source ?? '', JSON.stringify(leased.map(({ id }) => id))).map(({ id }) => id));
    const nowMs = Date.now();
    for (const { position, fence, source, id, headers, data, fingerprint } of leased) {
      if (held.get(position) !== fence || done.has(id)) throw new Error('a message is another owner’s, or was handled before');
      JSON.parse(headers);
      const { account, amount, body } = JSON.parse(data) as Order;
      business.run(id, account, amount, body, nowMs);
      tick();
      inbox.run(subscriptionId, source, id, fingerprint, nowMs);
    }
    const { changes } = remove.run(subscriptionId, leased[0]?.fence ?? 0, positions);
    if (changes !== leased.length) throw new Error('a row was another owner’s');
  };
}
