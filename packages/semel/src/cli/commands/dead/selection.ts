import { SemelError } from '../../../core/errors.ts';
import type { Store } from '../../../core/store.ts';

const PAGE = 200;

/** Which dead letters an act is for: ids, or all of one consumer. */
export interface SelectionOptions {
  readonly consumer?: string;
  readonly all?: boolean;
  readonly reason?: string;
}

/** Refuses what could be meant in two ways. @throws SemelError `bad-option` unless it is ids alone, or `--all` with `--consumer` */
export function checkSelection(ids: readonly number[], { consumer, all, reason }: SelectionOptions): void {
  if (ids.length > 0) {
    if (all || consumer !== undefined || reason !== undefined) throw new SemelError('bad-option', 'name dead letters by their ids, or by --consumer, --all and --reason, not both');
    return;
  }
  if (!all || consumer === undefined) throw new SemelError('bad-option', 'name the dead letters: their ids, or --consumer <name> --all, with --reason <reason> if not really all');
}

/**
 * The ids that are meant. They are gathered before anything is done: what is redriven and dies again meanwhile has a new id, and would
 * otherwise be met again and again.
 * @throws SemelError `unknown-consumer`
 */
export async function select(store: Store, ids: readonly number[], { consumer, reason }: SelectionOptions): Promise<readonly number[]> {
  if (consumer === undefined) return ids;
  await requireConsumer(store, consumer);
  const selected: number[] = [];
  for (let afterId = 0; ; ) {
    const page = await store.deadLetters.list({ consumer, limit: PAGE, afterId });
    selected.push(...page.filter((letter) => reason === undefined || letter.reason === reason).map(({ id }) => id));
    if (page.length < PAGE) return selected;
    afterId = page.at(-1)?.id ?? afterId;
  }
}

/** Refuses a name that nobody joined under, so that a slip is not taken for an empty list. @throws SemelError `unknown-consumer` */
export async function requireConsumer(store: Store, consumer: string | undefined): Promise<void> {
  if (consumer === undefined) return;
  const names = (await store.registry.list()).map(({ name }) => name);
  if (!names.includes(consumer)) throw new SemelError('unknown-consumer', `no consumer or route ${consumer} has joined the store`);
}
