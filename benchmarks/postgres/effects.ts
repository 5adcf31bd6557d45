import { connected } from './tables.ts';

/** Whose tables hold the records and the messages that were caused. */
export type Keeper = 'hand' | 'semel';

/** What is in the tables, or how it changed. */
export interface Effects {
  readonly handled: number;
  readonly payments: number;
  /** Payments of different messages. */
  readonly distinct: number;
  readonly outbox: number;
}

const COUNTS: Readonly<Record<Keeper, string>> = {
  hand: '(select count(*) from shop.handled)::int as handled, (select count(*) from shop.outbox)::int as outbox',
  semel: `(select count(*) from semel.inbox)::int as handled,
    (select count(*) from semel.queue join semel.subscriptions using (subscription_id) where kind = 'route')::int as outbox`,
};

/** Counts what is in the tables. */
export async function effectsIn(url: string, keeper: Keeper): Promise<Effects> {
  const client = await connected(url);
  try {
    const { rows } = await client.query<Effects>(
      `select ${COUNTS[keeper]}, (select count(*) from shop.payments)::int as payments, (select count(distinct message_id) from shop.payments)::int as distinct`,
    );
    return rows[0] as Effects;
  } finally {
    await client.end();
  }
}

/** Throws where the difference is not what `messages` messages were to make: a rate of work that was not done is worth nothing. */
export function verify(before: Effects, after: Effects, expected: Partial<Effects>): void {
  for (const name of ['handled', 'payments', 'distinct', 'outbox'] as const) {
    const [made, wanted] = [after[name] - before[name], expected[name] ?? 0];
    if (made !== wanted) throw new Error(`${made} rows more for "${name}", and not ${wanted}`);
  }
}
