import type { Outcome } from '../core/delivery.ts';
import type { Lifecycle, LifecycleEvent } from '../core/lifecycle.ts';
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
  const messages = item.message ? [{ source: item.message.source, id: item.message.id }] : [];
  if (verdict.kind === 'failed') await lifecycle.emit({ type: 'failed', consumer, messages, error: verdict.error });
  const type = NOTICE_OF[outcome.kind];
  if (type !== undefined) await lifecycle.emit({ type, consumer, messages, ...(outcome.kind === 'retry' ? { afterMs: outcome.afterMs } : {}) });
}
