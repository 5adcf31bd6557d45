import { identityKey } from '../../core/message.ts';
import type { MemoryState } from '../../testing/models/memory-state.ts';
import type { Effect, PlannedMessage } from '../history.ts';
import type { Scenario } from './scenario.ts';
import { CONSUMER } from './shop.ts';

/** What of a world says how far it has come. */
export interface Progress {
  readonly scenario: Scenario;
  readonly state: MemoryState;
  readonly outside: readonly Effect[];
  readonly accepted: readonly PlannedMessage[];
  /** How many of the producer's transactions were begun. */
  readonly published: number;
  readonly adversary: { readonly outstanding: number };
}

/** Whether the store has what became of a message: a record, a row of its queue, or, where no record is kept, its effect. */
export function keeps({ scenario, state, outside }: Progress, id: string): boolean {
  const identity = identityKey({ source: 'shop/orders', id });
  if (state.records(CONSUMER).has(identity) || state.subscriptions.get(CONSUMER)?.queue.keeps(identity)) return true;
  if (scenario.guarantee !== 'at-least-once') return false;
  return outside.some((effect) => effect.id === id) || [...state.deadLetters.values()].some(({ letter }) => letter.messageId === id);
}

/** Whether nothing is left to be done: no message that still comes, and none in a queue. */
export function isComplete(progress: Progress): boolean {
  const { scenario, state, accepted, published, adversary } = progress;
  if (scenario.producer && published < scenario.messages.length) return false;
  if (adversary.outstanding > 0) return false;
  for (const { queue } of state.subscriptions.values()) {
    const { ready, inFlight, retrying } = queue.backlog();
    if (ready + inFlight + retrying > 0) return false;
  }
  return scenario.source !== 'log' || accepted.every(({ id }) => keeps(progress, id));
}
