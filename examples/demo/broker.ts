import { DatabaseSync } from 'node:sqlite';

/** What the broker hands out: a message, and what shows who holds it. */
export interface Held {
  readonly number: number;
  readonly body: string;
  /** Which delivery of this message it is; a later one makes this one stale. */
  readonly delivery: number;
  /** As {@link delivery}, without those that were given back unbegun. */
  readonly attempt: number;
}

/** A message to be published. */
export interface Posted {
  readonly body: string;
  /** 2: its first acknowledgement is forgotten, and it is delivered once more. */
  readonly times: 1 | 2;
}

/** How long a message is invisible to others after it was received. */
export const VISIBILITY_MS = 300;
/** Messages per receive, at most, whoever asks for more. */
export const RECEIVE_MAX = 10;

const SCHEMA = `
  create table if not exists messages (
    number     integer primary key,
    body       text    not null,
    remaining  integer not null,            -- acknowledgements until it is settled
    due_ms     integer not null default 0,  -- invisible until then
    deliveries integer not null default 0,
    unbegun    integer not null default 0,  -- deliveries that were given back as they were
    holder     integer                      -- the process that has it in hand
  ) strict;
  create index if not exists due on messages (due_ms, number) where remaining > 0;
`;

/**
 * A durable broker in a file, shared by several processes. It stands for SQS and its like, and promises what they promise: a message is delivered
 * at least once. It comes again when it is not acknowledged in time, and now and then although it was.
 */
export class Broker {
  readonly #file: DatabaseSync;
  readonly #now: () => number;

  constructor(path: string, now: () => number = Date.now) {
    this.#file = new DatabaseSync(path, { timeout: 5000 });
    this.#file.exec('pragma journal_mode = wal; pragma synchronous = normal'); // survives any process, if not a power cut
    this.#file.exec(SCHEMA);
    this.#now = now;
  }

  publish(messages: readonly Posted[]): void {
    const insert = this.#file.prepare('insert into messages (body, remaining) values (?, ?)');
    this.#file.exec('begin immediate');
    for (const { body, times } of messages) insert.run(body, times);
    this.#file.exec('commit');
  }

  /** Takes messages that are due, and hides them from others for a while. */
  receive(max: number = RECEIVE_MAX, visibilityMs: number = VISIBILITY_MS): readonly Held[] {
    const nowMs = this.#now();
    const rows = this.#file
      .prepare(
        `update messages set deliveries = deliveries + 1, holder = ?, due_ms = ?
         where number in (select number from messages where remaining > 0 and due_ms <= ? order by due_ms, number limit ?)
         returning number, body, deliveries as delivery, deliveries - unbegun as attempt`,
      )
      .all(process.pid, nowMs + visibilityMs, nowMs, Math.min(max, RECEIVE_MAX));
    return (rows as unknown as Held[]).sort((a, b) => a.number - b.number);
  }

  /** Settles a message. False if it is stale: the message was delivered again meanwhile. */
  acknowledge(held: Held): boolean {
    return this.#change('remaining = remaining - 1, holder = null, due_ms = ?', held, this.#now());
  }

  /** Hides a message for longer. False if it is stale. */
  extend(held: Held, visibilityMs: number): boolean {
    return this.#change('due_ms = ?', held, this.#now() + visibilityMs);
  }

  /** Has a message delivered again after `afterMs`. False if it is stale. */
  retry(held: Held, afterMs: number): boolean {
    return this.#change('holder = null, due_ms = ?', held, this.#now() + afterMs);
  }

  /** Has a message delivered again at once, and does not count the attempt. False if it is stale. */
  giveBack(held: Held): boolean {
    return this.#change('holder = null, unbegun = unbegun + 1, due_ms = ?', held, this.#now());
  }

  /** Messages that will be delivered again. */
  remaining(): number {
    return Number(this.#file.prepare('select count(*) as remaining from messages where remaining > 0').get()?.['remaining']);
  }

  /** The processes that have messages in hand. */
  holders(): readonly number[] {
    const rows = this.#file.prepare('select distinct holder from messages where holder is not null and due_ms > ?').all(this.#now());
    return rows.map(({ holder }) => Number(holder));
  }

  close(): void {
    this.#file.close();
  }

  /** Only who received a message last may change it, and only until it is out of hand. */
  #change(assignments: string, { number, delivery }: Held, dueMs: number): boolean {
    const statement = this.#file.prepare(`update messages set ${assignments} where number = ? and deliveries = ? and holder is not null`);
    return statement.run(dueMs, number, delivery).changes === 1;
  }
}
