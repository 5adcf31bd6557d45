import { type Consumer, createSemel, topic } from 'semel';
import { type ProofReport, type ProveOptions, proveOnce } from 'semel/prove';
import { memory } from 'semel/testing';
import { z } from 'zod';
import type { Ledger } from './ledger.ts';

export const orders = topic('orders', {
  schema: z.object({ order: z.string(), cents: z.number() }),
  id: ({ order }) => `${order}/placed`,
  key: ({ order }) => order,
});
export const receipts = topic('receipts', { schema: z.object({ order: z.string() }), id: ({ order }) => `${order}/paid` });
/** Without ids of its own. */
export const notes = topic('notes', { schema: z.object({ order: z.string() }) });

export const MESSAGES = [
  { order: 'A1', cents: 1999 },
  { order: 'B7', cents: 450 },
] as const;

type Declare = Pick<ReturnType<typeof createSemel<unknown>>, 'consume' | 'consumeSet'>;

/** Declares consumers, on a store that none of them ever uses. */
export function declaring(declare: (semel: Declare) => Consumer): Consumer {
  return declare(createSemel({ name: 'shop', store: memory() }) as unknown as Declare);
}

/** The proof of a consumer that charges in a ledger. */
export function prove(ledger: Ledger, consumer: Consumer, changes: Partial<ProveOptions<unknown>> = {}): Promise<ProofReport> {
  return proveOnce<unknown>({
    store: () => ledger.store(),
    consumer,
    messages: MESSAGES,
    prepare: ledger.prepare,
    effect: (db) => ledger.charges(db),
    ...changes,
  });
}

/** Which kinds of violation a report holds. */
export function kindsOf({ violations }: ProofReport): readonly string[] {
  return [...new Set(violations.map(({ kind }) => kind))].sort();
}
