import { CONSUMER_BOUNDARIES, type LifecycleEvent, RELAY_BOUNDARIES } from 'semel';

/** The consumer under proof. */
export const CONSUMER = 'book';

/** The boundaries of a process that places orders, relays them and handles them, by what it does there. */
export const STEPS = {
  placing: ['begun', 'staged', 'committing', 'committed'].map((boundary) => `placing ${boundary}`),
  relaying: RELAY_BOUNDARIES,
  handling: CONSUMER_BOUNDARIES,
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The step that an event stands for. What a relay commits has names of its own, so that nothing is taken for a step of the consumer. */
export function stepOf({ type, consumer }: LifecycleEvent): string {
  if (consumer === undefined) return `placing ${type}`;
  return consumer === CONSUMER || STEPS.relaying.some((boundary) => boundary === type) ? type : `marking ${type}`;
}
