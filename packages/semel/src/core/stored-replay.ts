import type { Replay } from './store.ts';

/** A {@link Replay} as its columns hold it. */
export interface ReplayRow extends Omit<Replay, 'ids'> {
  readonly ids: string | null;
}

/** The ids of a replay as the column holds them; null where it is for all of its range. */
export function idsColumn(ids: readonly string[] | undefined): string | null {
  return ids === undefined ? null : JSON.stringify(ids);
}

/** The replay of a row. */
export function replayOf({ ids, ...row }: ReplayRow): Replay {
  return ids === null ? { ...row } : { ...row, ids: JSON.parse(ids) as string[] };
}
