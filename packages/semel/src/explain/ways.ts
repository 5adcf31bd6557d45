import type { Footing } from './footing.ts';

/** One of {@link WAYS}. */
export type Way = 'in the transaction' | 'by position' | 'by a leased record' | 'naturally';

/** The ways in which an effect is made once, each in a sentence about a store. */
export const WAYS: Readonly<Record<Exclude<Way, 'naturally'>, (store: string) => string>> & { readonly naturally: () => string } = {
  'in the transaction': (store: string) => `Effect, record and outgoing messages commit in one transaction of ${store}.`,
  'by position': (store: string) =>
    `The position of the partition advances in the effect's transaction in ${store}, under the epoch of its owner; the record beside it recognises what a producer wrote twice.`,
  'by a leased record': (store: string) => `A journal in ${store} begins under a fence, the effect is made, and its result completes the entry.`,
  naturally: () => 'Nothing is recorded: handling twice has to be the same as handling once.',
};

/**
 * The way that a consumer's guarantee, store and transport lead to; undefined where no effect is made once: at-most-once may lose it.
 * No store has a journal yet, so nothing leads to a leased record.
 */
export function wayOf({ consumer, contract }: Footing): Way | undefined {
  if (consumer.guarantee === 'at-most-once') return undefined;
  if (consumer.guarantee === 'at-least-once') return 'naturally';
  return contract?.settlement.value === 'position' ? 'by position' : 'in the transaction';
}
