import type { SealedMessage } from '../../../src/core/message.ts';
import type { CommitOptions, ItemResult, Settlement, Verdict, WorkItem } from '../../../src/core/store.ts';

/** A role of a store, whose methods take data and give data. */
export type RoleName = 'queue' | 'positions' | 'registry' | 'inbox' | 'deadLetters';

/** A call of a role, and what came of it. */
export interface RoleCall {
  readonly kind: 'call';
  readonly who: string;
  readonly role: RoleName;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly atMs: number;
  /** What it resolved to, or the code of the error that it was refused with. */
  readonly answer: { readonly value: unknown } | { readonly refused: string };
}

/** What user code did in a transaction. */
export type Step = { readonly atMs: number } & (
  | { readonly kind: 'effect'; readonly effect: string }
  | { readonly kind: 'stage'; readonly sealed: SealedMessage; readonly options?: { readonly notBeforeMs?: number } }
);

/** One run of a work's code, and what came of it: that it threw where there are no results. */
export interface Run {
  readonly work: number;
  /** The items that were fresh, by their place in the work. */
  readonly fresh: readonly number[];
  readonly atMs: number;
  readonly steps: readonly Step[];
  readonly endMs: number;
  readonly results?: readonly ItemResult[];
}

/** A commit: what it was to do, what the code of its works did, and what came of it. */
export interface CommitCall {
  readonly kind: 'commit';
  readonly who: string;
  readonly works: readonly (readonly WorkItem[])[];
  readonly options: Omit<CommitOptions, 'signal' | 'onFailure'>;
  readonly runs: readonly Run[];
  /** Of items that failed, by their place among all items. */
  readonly settlements: ReadonlyMap<number, Settlement | undefined>;
  /** Nothing was begun any more after the last run: the signal aborted. */
  readonly aborted: boolean;
  /** When what came of the items was written. */
  readonly settledAtMs: number;
  /** The caller was told nothing, or that nobody knows, where it is undefined. */
  readonly answer: { readonly verdicts: readonly Verdict[] } | { readonly rejected: true } | undefined;
}

/** Calls of a store, as data, in the order in which they took effect. Numbers of rows, fences and epochs are those of the model. */
export type StoreHistory = readonly (RoleCall | CommitCall)[];
