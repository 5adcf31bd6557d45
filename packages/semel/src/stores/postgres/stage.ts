import type { SemelError } from '../../core/errors.ts';
import { conflicts, identityConflict } from '../../core/identity-conflict.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import { headersJson } from '../../core/stored-message.ts';
import type { Connection } from './connection.ts';
import { numberArray, textArray } from './driver.ts';
import { NEXT_NUMBER, notQueued } from './queue-rows.ts';
import { failing } from './sql.ts';

/** A message on its way into the store. */
export interface Staged {
  readonly sealed: SealedMessage;
  readonly notBeforeMs?: number;
}

/** A row for each local consumer and route of the messages' topics, in the order of their numbers. */
const fanOut = (messages: string) => `insert into {s}.queue (subscription_id, seq, key)
    select s.subscription_id, m.seq, case when s.ordered then m.key end from ${messages} m join {s}.subscriptions s on s.topic = m.topic and s.kind <> 'remote' order by m.seq`;

/**
 * The delayed messages that are due by now get new numbers, so that their place in their key's order is that of their due time; rows of those who had
 * parked them follow, in their own places. Two who do so at once share the work.
 */
const dueOf = (topics: string) => `due as materialized (
    select d.seq, ${NEXT_NUMBER} as next from (
      select seq from {s}.messages where ${topics} and due_at_ms <= {now} order by due_at_ms, seq limit 1000 for update skip locked) d
  ), moved as (
    update {s}.messages m set seq = (select next from due where due.seq = m.seq), due_at_ms = null where m.seq = any(array(select seq from due)) returning m.seq, m.topic, m.key
  ), followed as (
    update {s}.queue q set message_seq = due.next from due where q.message_seq = due.seq
  )`;

/** Publishes the delayed messages of a topic that are due by now. */
export const PUBLISH_DELAYED: string = `with ${dueOf('topic = $1')} ${fanOut('moved')}`;

/** Whether any message waits for its time. A least value is found at the end of an index, whatever the planner believes of the table. */
export const DELAYED = '(select min(topic) from {s}.messages where due_at_ms is not null) is not null as delayed';

/** Delayed messages of the same topics that are due go first, so `given` waits for their numbers. To start that statement costs as much as all the rest of it. */
const DUE_FIRST = `${dueOf('topic = any((select $3::text[])::text[])')}, let_go as (
    ${fanOut('moved')}
  ), given as materialized (select g.*, (select count(*) from due) as before`;

const publishing = (
  given: string,
  answer: string,
) => `with ${given} from unnest(${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `(select $${n}::text[])`).join(', ')}, (select string_to_array($9, E'\\x1f')), (select $10::bigint[]))
      with ordinality as g (source, id, topic, type, key, time, headers, fingerprint, data, due_at_ms, n)
  ), stored as (
    insert into {s}.messages (source, id, topic, type, key, time, headers, data, fingerprint, published_at_ms, due_at_ms)
    select source, id, topic, type, key, time, headers, data, fingerprint, {now}, case when due_at_ms > {now} then due_at_ms end from given order by n
    on conflict (source, id) do nothing
    returning seq, topic, key, due_at_ms
  ), fanned as (
    ${fanOut('(select * from stored where due_at_ms is null)')}
  ) ${answer}`;

/** A statement for when messages wait for their time, and one for when none does. */
interface Publishing {
  readonly dueFirst: string;
  readonly plain: string;
}

const both = (answer: string): Publishing => ({ dueFirst: publishing(DUE_FIRST, answer), plain: publishing('given as materialized (select g.*', answer) });

const PUBLISH = both('select count(*)::int as stored from stored');

const REFUSED = 'identities that were published with another payload, among ';

/** Whether {@link writeOrFail} was refused for an identity; another payload's, or so it seemed. */
export function isIdentityRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.includes(REFUSED);
}

/** Who of them is refused for good, its identity being another payload's; undefined where it only seemed so. */
export async function findConflict(connection: Connection, batch: readonly Staged[]): Promise<SemelError | undefined> {
  for (const { sealed } of batch) {
    const { message, fingerprint } = sealed;
    const kept = await connection.get<Kept>(FIND, message.source, message.id);
    if (kept !== undefined && conflicts(kept.fingerprint, fingerprint)) return identityConflict('published', message, kept.fingerprint, fingerprint);
  }
  return undefined;
}

/**
 * For whoever does not wait for the answer: it ends the transaction with an error unless all are stored, now or, with the same payload, before. What
 * another transaction has stored in this very moment it takes for a stranger: who meets the error looks again.
 */
const PUBLISH_OR_FAIL = both(`select case
    when (select count(*) from stored) = (select count(*) from given) then 0
    when (select count(distinct (source, id)) = count(distinct (source, id, fingerprint)) and count(distinct (source, id)) = (select count(*) from stored) + (
      select count(distinct (g.source, g.id)) from given g join {s}.messages m on m.source = g.source and m.id = g.id and m.fingerprint = g.fingerprint and not m.parked) from given) then 0
    else ${failing(REFUSED, '(select count(*) from given)')} end`);

/**
 * Writes messages as a set, with a row for each of their subscriptions.
 * @param delayed whether any message waited for its time ({@link DELAYED}) when the transaction began; what was delayed since belongs to one that runs beside it
 * @throws SemelError `identity-conflict`
 */
export async function writeMessages(connection: Connection, batch: readonly Staged[], delayed: boolean): Promise<void> {
  if (batch.length === 0) return;
  const written = await connection.get<{ stored: number }>(PUBLISH[delayed ? 'dueFirst' : 'plain'], ...columnsOf(batch));
  if (written === undefined || written.stored < batch.length) for (const staged of batch) await reconcile(connection, staged, delayed);
}

/** As {@link writeMessages}, in one statement, which fails on anything out of the ordinary, and the transaction with it. */
export async function writeOrFail(connection: Connection, batch: readonly Staged[], delayed: boolean): Promise<void> {
  if (batch.length > 0) await connection.all(PUBLISH_OR_FAIL[delayed ? 'dueFirst' : 'plain'], ...columnsOf(batch));
}

/** Data is canonical JSON, in which no control character stands: joined by one it needs no quotes, of which it is full itself. */
function columnsOf(batch: readonly Staged[]): readonly string[] {
  const column = (value: (message: Message) => string | null) => textArray(batch.map(({ sealed }) => value(sealed.message)));
  return [
    column(({ source }) => source),
    column(({ id }) => id),
    column(({ topic }) => topic),
    column(({ type }) => type),
    column(({ key = null }) => key),
    column(({ time }) => time),
    column(({ headers }) => headersJson(headers)),
    textArray(batch.map(({ sealed }) => sealed.fingerprint)),
    batch.map(({ sealed }) => sealed.json).join('\x1f'),
    numberArray(batch.map(({ notBeforeMs }) => (notBeforeMs === undefined ? null : Math.ceil(notBeforeMs)))),
  ];
}

/**
 * Makes sure that a message is kept until the end of the transaction at least, without publishing it; for a parked retry and a redrive.
 * @returns its number, or undefined where its identity is another payload's
 */
export async function keepMessage(connection: Connection, { message, json, fingerprint }: SealedMessage): Promise<number | undefined> {
  const { source, id, topic, type, key = null, time, headers } = message;
  for (;;) {
    await connection.all(KEEP, source, id, topic, type, key, time, headersJson(headers), json, fingerprint);
    const kept = await connection.get<Kept>(`${FIND} for key share`, source, id); // undefined where pruning was faster
    if (kept !== undefined) return conflicts(kept.fingerprint, fingerprint) ? undefined : kept.seq;
  }
}

const KEEP = `insert into {s}.messages (source, id, topic, type, key, time, headers, data, fingerprint, published_at_ms, parked)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, {now}, true) on conflict (source, id) do nothing`;

/** Finds out about a message that may have been there: the same again is nothing, another payload an error, and a parked one is published now. */
async function reconcile(connection: Connection, staged: Staged, delayed: boolean): Promise<void> {
  const { message, fingerprint } = staged.sealed;
  const kept = await connection.get<Kept>(FIND, message.source, message.id);
  if (kept === undefined) return writeMessages(connection, [staged], delayed); // pruned meanwhile
  if (conflicts(kept.fingerprint, fingerprint)) throw identityConflict('published', message, kept.fingerprint, fingerprint);
  if (kept.parked && !(await publishParked(connection, kept.seq, staged))) await reconcile(connection, staged, delayed);
}

/** False where it is parked no more: published by another, or pruned. */
async function publishParked(connection: Connection, seq: number, { notBeforeMs }: Staged): Promise<boolean> {
  const published = await connection.all(PUBLISH_PARKED, seq, notBeforeMs === undefined ? null : Math.ceil(notBeforeMs));
  return published.length > 0;
}

/** Subscriptions that have it already, as a retry, keep theirs. */
const PUBLISH_PARKED = `with published as (
    update {s}.messages set parked = false, published_at_ms = {now}, due_at_ms = case when $2::bigint > {now} then $2::bigint end where seq = $1::bigint and parked
    returning seq, topic, key, due_at_ms
  ), fanned as (
    insert into {s}.queue (subscription_id, seq, message_seq, key)
    select s.subscription_id, ${NEXT_NUMBER}, m.seq, case when s.ordered then m.key end from published m join {s}.subscriptions s on s.topic = m.topic and s.kind <> 'remote'
    where m.due_at_ms is null and ${notQueued('s.subscription_id', 'm.seq')}
  ) select 1 from published`;

interface Kept {
  readonly seq: number;
  readonly fingerprint: string;
  readonly parked: boolean;
}

const FIND = 'select seq::float8 as seq, fingerprint, parked from {s}.messages where source = $1 and id = $2';
