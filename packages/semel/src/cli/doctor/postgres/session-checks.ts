import { formatDuration } from '../../output/duration.ts';
import { type Found, ok } from '../finding.ts';
import { type Examination, type Trouble, warnAll } from './examination.ts';

interface Session {
  readonly pid: number;
  readonly application: string;
  readonly role: string;
  readonly forMs: number;
  readonly queryAt: string;
  /** How many others wait for a lock of it. */
  readonly blocks: number;
}

const SESSION = `select a.pid, coalesce(nullif(a.application_name, ''), 'no application_name') as application, quote_ident(a.usename) as role,
    to_char(a.query_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "queryAt",
    (select count(*)::int from pg_stat_activity w where w.wait_event_type = 'Lock' and a.pid = any(pg_blocking_pids(w.pid))) as blocks,
    (extract(epoch from clock_timestamp() - {since}) * 1000)::float8 as "forMs"
  from pg_stat_activity a where a.datname = current_database() and a.pid <> pg_backend_pid()`;

const sessionsSince = (since: string) => SESSION.replace('{since}', since);

/** Sessions that began a transaction and do nothing: their locks hold up others, and nothing that they might still see is vacuumed. */
export async function idleTransactions({ connection, thresholds }: Examination): Promise<Found> {
  const idle = await connection.all<Session>(
    `${sessionsSince('a.state_change')} and a.state like 'idle in transaction%' and clock_timestamp() - a.state_change > make_interval(secs => $1::float8 / 1000) order by a.state_change`,
    thresholds.maxIdleMs,
  );
  if (idle.length === 0) return ok(`none for more than ${formatDuration(thresholds.maxIdleMs)}${await unseen(connection)}`);
  return warnAll(
    idle.map((session) => ({
      found: `${told(session)} idle in a transaction for ${formatDuration(session.forMs)}, last query at ${session.queryAt}${blocking(session)}`,
      todo: `\`select pg_terminate_backend(${session.pid})\` ends it; \`alter role ${session.role} set idle_in_transaction_session_timeout = '1min'\` ends all such.`,
    })),
  );
}

/** Transactions that work for long, and those that were prepared and forgotten: what is deleted meanwhile cannot be vacuumed (trap 3). */
export async function longTransactions({ connection, thresholds }: Examination): Promise<Found> {
  const { maxTransactionMs } = thresholds;
  const sessions = await connection.all<Session>(
    `${sessionsSince('a.xact_start')} and a.state not like 'idle in transaction%' and (a.backend_xmin is not null or a.backend_xid is not null)
      and clock_timestamp() - a.xact_start > make_interval(secs => $1::float8 / 1000) order by a.xact_start`,
    maxTransactionMs,
  );
  const prepared = await connection.all<{ gid: string; forMs: number }>(
    `select quote_literal(gid) as gid, (extract(epoch from clock_timestamp() - prepared) * 1000)::float8 as "forMs" from pg_prepared_xacts
      where database = current_database() and clock_timestamp() - prepared > make_interval(secs => $1::float8 / 1000) order by prepared`,
    maxTransactionMs,
  );
  const troubles: readonly Trouble[] = [
    ...sessions.map((session) => ({
      found: `${told(session)} in a transaction for ${formatDuration(session.forMs)}, its query since ${session.queryAt}${blocking(session)}`,
      todo: `\`select pg_terminate_backend(${session.pid})\` ends it, if it may be lost.`,
    })),
    ...prepared.map(({ gid, forMs }) => ({ found: `prepared transaction ${gid}, for ${formatDuration(forMs)}`, todo: `\`rollback prepared ${gid}\`, or \`commit prepared\`.` })),
  ];
  return troubles.length === 0 ? ok(`none for more than ${formatDuration(maxTransactionMs)}${await unseen(connection)}`) : warnAll(troubles);
}

/** Without that grant the sessions of other roles show neither state nor age. */
async function unseen(connection: Examination['connection']): Promise<string> {
  const row = await connection.get<{ sees: boolean; role: string }>("select pg_has_role('pg_read_all_stats', 'usage') as sees, quote_ident(current_user) as role");
  return row?.sees ? '' : ` among this role's own; \`grant pg_read_all_stats to ${row?.role}\` shows those of others`;
}

function told({ pid, application, role }: Session): string {
  return `pid ${pid} (${application}, ${role})`;
}

function blocking({ blocks }: Session): string {
  return blocks === 0 ? '' : `, blocks ${blocks === 1 ? 'another session' : `${blocks} sessions`}`;
}
