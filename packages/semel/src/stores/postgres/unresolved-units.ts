import { SemelError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';

/** How many are remembered; beyond it the oldest goes. */
const MAX_UNITS = 4096;

/** By what the server knows a transaction again. */
export interface TransactionMark {
  readonly xid: string;
  /** Given where its fate alone decides, because no record tells whether its work was done: when the server started, and it began, in seconds since 1970. */
  readonly serverAt?: string;
  readonly begunAt?: string;
}

/** The columns of a {@link TransactionMark}. */
export const MARK = 'pg_current_xact_id()::text as xid, extract(epoch from pg_postmaster_start_time())::text as "serverAt", extract(epoch from now())::text as "begunAt"';

/**
 * Of a transaction that left no trace before a crash, or before a standby took over, the server knows nothing, and gives its number once more. A crash resets the
 * statistics, also where the server only recovered; another server started at another time.
 */
const STATUS = `select pg_xact_status($1::text::xid8) as status, $2::text is null or (extract(epoch from pg_postmaster_start_time()) = $2::text::numeric
  and coalesce(extract(epoch from stats_reset) < $3::text::numeric, true)) as certain from pg_stat_archiver`;

/** Units of work of late: those that were committed, and those whose reply was lost, with their transactions. */
export class UnresolvedUnits {
  readonly #committed = new Set<string>();
  readonly #lost = new Map<string, TransactionMark>();

  /** The reply to its COMMIT was lost. @param mark undefined where it had written nothing */
  add(unit: string, mark: TransactionMark | undefined): void {
    if (mark === undefined) return;
    forgetOldest(this.#lost);
    this.#lost.set(unit, mark);
  }

  committed(unit: string): void {
    forgetOldest(this.#committed);
    this.#committed.add(unit);
  }

  /**
   * What the server says of it. An absent record would prove nothing: the commit may still be running (trap 50). A transaction that is
   * too old for the server to remember is as unknown as one that runs, and so is one that it may have forgotten in a crash.
   */
  async resolve(unit: string, connection: Connection): Promise<'committed' | 'aborted' | 'unknown'> {
    const mark = this.#lost.get(unit);
    if (mark === undefined) return this.#committed.has(unit) ? 'committed' : 'aborted';
    const { xid, serverAt = null, begunAt = null } = mark;
    const row = await connection.get<{ status: string | null; certain: boolean }>(STATUS, xid, serverAt, begunAt);
    return row?.certain && (row.status === 'committed' || row.status === 'aborted') ? row.status : 'unknown';
  }
}

function forgetOldest(units: { readonly size: number; keys(): Iterator<string>; delete(unit: string): boolean }): void {
  if (units.size >= MAX_UNITS) units.delete(units.keys().next().value as string);
}

/** The error of a lost reply. @param unit to be resolved */
export function commitUnknown(cause: unknown, unit?: string): SemelError {
  return new SemelError('commit-unknown', 'no answer to COMMIT came: the transaction may be committed or not', { cause, ...(unit === undefined ? {} : { details: { unit } }) });
}
