import type { DatabaseSync } from 'node:sqlite';
import { type Backlog, EffectClock } from '../backlog.ts';
import { INSERT_PAYMENT } from '../business.ts';
import { kept } from '../files.ts';
import { fillBacklog } from '../fill.ts';
import type { Contender, OpenContender } from '../measure.ts';
import type { Order } from '../messages.ts';
import { openRaw, RawTransactions } from './raw-file.ts';
import { semelSchema } from './raw-schema.ts';

const GROUP = 100;
const LEASE_MS = 30_000;

/** Works off the backlog of a local topic by hand: on the tables of Semel, with its statements, in its two transactions for every 100 messages. */
export function rawLocal(backlog: Backlog): OpenContender {
  return async (folder) => {
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

  async run(ms: number): Promise<number> {
    let over = false;
    const clock = new EffectClock(this.#backlog, ms, (last) => {
      over = last;
    });
    const tick = () => clock.tick();
    while (!over) {
      const leased = this.#transactions.run(this.#lease);
      this.#transactions.run(() => this.#handle(leased, tick));
    }
    return clock.rate;
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

/** The first transaction: queue rows for the next messages of the topic, marked as in flight and read. */
function leasing(database: DatabaseSync): () => readonly Leased[] {
  const next =
    'from semel_messages where topic = ? and seq > (select taken_seq from semel_subscriptions where subscription_id = 1) and due_at_ms is null and parked = 0 order by seq limit ?';
  const last = database.prepare(`select max(seq) as seq from (select seq ${next})`);
  const enqueue = database.prepare(`insert into semel_queue (subscription_id, seq, due_at_ms) select 1, seq, ? ${next}`);
  const advance = database.prepare('update semel_subscriptions set taken_seq = ? where subscription_id = 1');
  const ready = database.prepare(
    `select position from semel_queue indexed by semel_queue_ready
      where subscription_id = 1 and waiting = 0 and lease_until_ms is null and due_at_ms <= ? order by due_at_ms, position limit ?`,
  );
  const mark = database.prepare('update semel_queue set lease_until_ms = ?, fence = fence + 1 where position in (select value from json_each(?))');
  const read = database.prepare(
    `select q.position, q.fence, m.source, m.id, m.headers, m.data, m.fingerprint
      from json_each(?) list cross join semel_queue q on q.position = list.value cross join semel_messages m on m.seq = q.seq order by list.key`,
  );
  return () => {
    const nowMs = Date.now();
    const { seq } = last.get('orders', GROUP) as { seq: number };
    enqueue.run(nowMs, 'orders', GROUP);
    advance.run(seq);
    const positions = JSON.stringify(ready.all(nowMs, GROUP).map(({ position }) => position));
    mark.run(nowMs + LEASE_MS, positions);
    return read.all(positions) as unknown as Leased[];
  };
}

/** The second: inbox row and business row of each, then the queue rows go, under their fence. */
function handling(database: DatabaseSync): (leased: readonly Leased[], tick: () => void) => void {
  const inbox = database.prepare("insert into semel_inbox (subscription_id, source, id, state, fingerprint, at_ms) values (1, ?, ?, 'done', ?, ?) on conflict do nothing");
  const business = database.prepare(INSERT_PAYMENT);
  const remove = database.prepare('delete from semel_queue where subscription_id = 1 and fence = ? and position in (select value from json_each(?))');
  return (leased, tick) => {
    for (const { source, id, headers, data, fingerprint } of leased) {
      const nowMs = Date.now();
      if (inbox.run(source, id, fingerprint, nowMs).changes === 0) continue;
      JSON.parse(headers);
      const { account, amount, body } = JSON.parse(data) as Order;
      business.run(id, account, amount, body, nowMs);
      tick();
    }
    const { changes } = remove.run(leased[0]?.fence ?? 0, JSON.stringify(leased.map(({ position }) => position)));
    if (changes !== leased.length) throw new Error('a row was another owner’s');
  };
}
