import { formatDuration } from '../../../core/duration.ts';
import type { Connection } from '../../../stores/postgres/connection.ts';
import { type Found, ok } from '../finding.ts';
import { type Examination, type Trouble, warnAll } from './examination.ts';

/** A session with a transaction open. */
interface Session {
  readonly pid: number;
  readonly application: string;
  readonly role: string;
  readonly idle: boolean;
  /** Since it began its transaction, or, idle, since its last statement. */
  readonly forMs: number;
  /** How many others wait for a lock of it. */
  readonly blocks: number;
}

const SESSIONS = `select a.pid, coalesce(nullif(a.application_name, ''), 'no application_name') as application, quote_ident(a.usename) as role, a.state like 'idle%' as idle,
    (extract(epoch from clock_timestamp() - case when a.state like 'idle%' then a.state_change else a.xact_start end) * 1000)::float8 as "forMs",
    (select count(*)::int from pg_stat_activity w where w.wait_event_type = 'Lock' and a.pid = any(pg_blocking_pids(w.pid))) as blocks
  from pg_stat_activity a where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid() and a.xact_start is not null order by a.xact_start`;

/** Sessions that began a transaction and do nothing: their locks hold up others, and nothing that they might still see is vacuumed. */
export async function idleTransactions({ connection, thresholds: { maxIdleMs } }: Examination): Promise<Found> {
  const idle = (await connection.all<Session>(SESSIONS)).filter((session) => session.idle && session.forMs > maxIdleMs);
  if (idle.length === 0) return ok(`none for more than ${formatDuration(maxIdleMs)}${await unseen(connection)}`);
  return warnAll(
    idle.map((session) => ({
      found: `${told(session)} idle in a transaction for ${formatDuration(session.forMs)}${blocking(session)}`,
      todo: `\`select pg_terminate_backend(${session.pid}, 5000)\` ends it; \`alter role ${session.role} set idle_in_transaction_session_timeout = '1min'\` ends all such.`,
    })),
  );
}

/** Transactions that work for long, and those that were prepared and forgotten: what is deleted meanwhile cannot be vacuumed (trap 3). */
export async function longTransactions({ connection, thresholds: { maxTransactionMs } }: Examination): Promise<Found> {
  const working = (await connection.all<Session>(SESSIONS)).filter((session) => !session.idle && session.forMs > maxTransactionMs);
  const prepared = await connection.all<{ gid: string; forMs: number }>(PREPARED, maxTransactionMs);
  const troubles: readonly Trouble[] = [
    ...working.map((session) => ({
      found: `${told(session)} in a transaction for ${formatDuration(session.forMs)}${blocking(session)}`,
      todo: `\`select pg_terminate_backend(${session.pid}, 5000)\` ends it, if its work may be lost.`,
    })),
    ...prepared.map(({ gid, forMs }) => ({
      found: `transaction ${gid} is prepared for ${formatDuration(forMs)}`,
      todo: `\`rollback prepared ${gid}\`, or \`commit prepared ${gid}\`, as its coordinator decided.`,
    })),
  ];
  return troubles.length > 0 ? warnAll(troubles) : ok(`none for more than ${formatDuration(maxTransactionMs)}${await unseen(connection)}`);
}

const PREPARED = `select gid, "forMs" from (
    select quote_literal(gid) as gid, (extract(epoch from clock_timestamp() - prepared) * 1000)::float8 as "forMs" from pg_prepared_xacts where database = current_database()
  ) prepared where "forMs" > $1::float8 order by "forMs" desc`;

/** Without that grant the sessions of other roles show neither state nor age. */
async function unseen(connection: Connection): Promise<string> {
  const row = await connection.get<{ sees: boolean; role: string }>("select pg_has_role('pg_read_all_stats', 'usage') as sees, quote_ident(current_user) as role");
  return row?.sees ? '' : ` among this role's own; \`grant pg_read_all_stats to ${row?.role}\` shows those of others`;
}

function told({ pid, application, role }: Session): string {
  return `pid ${pid} (${application}, ${role})`;
}

function blocking({ blocks }: Session): string {
  return blocks === 0 ? '' : `, blocks ${blocks === 1 ? 'another session' : `${blocks} sessions`}`;
}
