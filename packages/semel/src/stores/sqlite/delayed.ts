import type { Connection } from './connection.ts';
import { fanOut, lastSeq } from './stage.ts';

/** Delayed messages that one lease expands at most; the rest come with the next. */
const MAX_EXPANDED = 500;

/** When the first delayed message of a topic is due. */
export function nextDelayedMs(connection: Connection, topic: string): number | undefined {
  return connection.get<{ dueMs: number | null }>('select min(due_at_ms) as dueMs from semel_messages where topic = ? and due_at_ms is not null', topic)?.dueMs ?? undefined;
}

/**
 * Gives queue rows to the delayed messages of a topic that are due by now, in the order in which they are due. Each takes a new
 * number, for its place in its key's order is that of its due time; nothing refers to the old one.
 */
export function expandDelayed(connection: Connection, topic: string, nowMs: number): void {
  const due = connection.all<{ seq: number }>(
    'select seq from semel_messages where topic = ? and due_at_ms is not null and due_at_ms <= ? order by due_at_ms, seq limit ?',
    topic,
    nowMs,
    MAX_EXPANDED,
  );
  if (due.length === 0) return;
  const given = connection.get<{ seq: number }>("select seq from sqlite_sequence where name = 'semel_messages'")?.seq ?? 0;
  const first = Math.max(given, lastSeq(connection)) + 1;
  due.forEach(({ seq }, index) => {
    connection.run('update semel_messages set seq = ?, due_at_ms = null where seq = ?', first + index, seq);
  });
  const last = first + due.length - 1;
  connection.run("update sqlite_sequence set seq = ? where name = 'semel_messages'", last);
  fanOut(connection, first, last, nowMs);
}
