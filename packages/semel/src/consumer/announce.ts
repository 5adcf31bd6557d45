import type { Outcome } from '../core/delivery.ts';
import type { Lifecycle, LifecycleEvent } from '../core/lifecycle.ts';
import { identityOf, type Message } from '../core/message.ts';
import type { Verdict, WorkItem } from '../core/store.ts';

const NOTICE_OF: Partial<Record<Outcome['kind'], LifecycleEvent['type']>> = {
  duplicate: 'duplicate',
  dead: 'buried',
  parked: 'parked',
  retry: 'retried',
  held: 'released',
  released: 'released',
  lost: 'lost',
  unknown: 'unknown',
};

/** Tells observers what became of a message where it is more than `done`. */
export async function announce(lifecycle: Lifecycle, consumer: string, item: WorkItem, verdict: Verdict, outcome: Outcome): Promise<void> {
  const messages = item.message ? [identityOf(item.message)] : [];
  if (verdict.kind === 'failed') await lifecycle.emit({ type: 'failed', consumer, messages, error: verdict.error });
  const type = NOTICE_OF[outcome.kind];
  if (type !== undefined) await lifecycle.emit({ type, consumer, messages, ...(outcome.kind === 'retry' ? { afterMs: outcome.afterMs } : {}) });
}

/** Calls a handler between the events that say so; where nobody listens it is the call alone. */
export function announced<Result>(lifecycle: Lifecycle, consumer: string, messages: readonly Message[], call: () => Promise<Result>): Promise<Result> {
  return lifecycle.observed ? callBetween(lifecycle, { consumer, messages: messages.map(identityOf) }, call) : call();
}

async function callBetween<Result>(lifecycle: Lifecycle, about: Pick<LifecycleEvent, 'consumer' | 'messages'>, call: () => Promise<Result>): Promise<Result> {
  await lifecycle.emit({ type: 'handling', ...about });
  const result = await call();
  await lifecycle.emit({ type: 'handled', ...about });
  return result;
}
