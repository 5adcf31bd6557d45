import type { Outcome } from './delivery.ts';
import type { Verdict, WorkItem } from './store.ts';

/** What an entrance is told, from what the store said. */
export function outcomeOf(verdict: Verdict, item: WorkItem): Outcome {
  switch (verdict.kind) {
    case 'done':
    case 'duplicate':
    case 'lost':
    case 'unknown':
      return verdict;
    case 'buried':
      return { kind: 'dead', reason: 'buried' };
    case 'held':
      return { kind: verdict.parked ? 'parked' : 'held' };
    case 'released':
    case 'moved':
      return { kind: 'released' };
    case 'failed': {
      const { settlement, error } = verdict;
      if (settlement.kind === 'dead') return { kind: 'dead', reason: settlement.reason };
      return settlement.park && item.receipt.kind !== 'item' ? { kind: 'parked' } : { kind: 'retry', afterMs: settlement.afterMs, error };
    }
  }
}
