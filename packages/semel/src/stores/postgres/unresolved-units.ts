import { SemelError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';

/** How many are remembered; beyond it the oldest goes. */
const MAX_UNITS = 4096;

/** Units of work of late: those that were committed, and those whose reply was lost, by the number of their transaction. */
export class UnresolvedUnits {
  readonly #committed = new Set<string>();
  readonly #lost = new Map<string, string>();

  /** The reply to its COMMIT was lost. @param xid of the transaction; undefined where it had written nothing */
  add(unit: string, xid: string | undefined): void {
    if (xid === undefined) return;
    forgetOldest(this.#lost);
    this.#lost.set(unit, xid);
  }

  committed(unit: string): void {
    forgetOldest(this.#committed);
    this.#committed.add(unit);
  }

  /**
   * What the server says of it. An absent record would prove nothing: the commit may still be running (trap 50). A transaction that is
   * too old for the server to remember is as unknown as one that runs.
   */
  async resolve(unit: string, connection: Connection): Promise<'committed' | 'aborted' | 'unknown'> {
    const xid = this.#lost.get(unit);
    if (xid === undefined) return this.#committed.has(unit) ? 'committed' : 'aborted';
    const row = await connection.get<{ status: string | null }>('select pg_xact_status($1::text::xid8) as status', xid);
    return row?.status === 'committed' || row?.status === 'aborted' ? row.status : 'unknown';
  }
}

function forgetOldest(units: { readonly size: number; keys(): Iterator<string>; delete(unit: string): boolean }): void {
  if (units.size >= MAX_UNITS) units.delete(units.keys().next().value as string);
}

/** The error of a lost reply. */
export function commitUnknown(cause: unknown): SemelError {
  return new SemelError('commit-unknown', 'no answer to COMMIT came: the transaction may be committed or not', { cause });
}
