import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Boundary } from './fault.ts';

const WORDS: Readonly<Record<Boundary, string>> = {
  received: 'before it has looked at a message',
  begun: 'after BEGIN',
  claimed: 'after it has looked up the records',
  handling: 'before the handler is called',
  handled: 'after the handler has returned',
  staged: 'after what was published is staged',
  committing: 'before COMMIT',
  committed: 'after COMMIT',
  settling: 'before it acknowledges',
  settled: 'after it has acknowledged',
};

/** Where a boundary lies, for people. */
export function wordOf(boundary: Boundary): string {
  return WORDS[boundary];
}

/** What a worker is given. */
export function givenWords(worker: number, deliveries: readonly Delivery[]): string {
  return `worker ${worker} is given ${deliveries.map(idOf).join(', ')}`;
}

/** What a worker makes of it, in the order of the deliveries. */
export function outcomeWords(worker: number, deliveries: readonly Delivery[], outcomes: readonly (Outcome | undefined)[]): string {
  return `worker ${worker} answers: ${deliveries.map((delivery, index) => `${idOf(delivery)} ${wordsOf(outcomes[index])}`).join(', ')}`;
}

/** The id of what is delivered. */
export function idOf({ content }: Delivery): string {
  return 'message' in content ? content.message.id : '?';
}

function wordsOf(outcome: Outcome | undefined): string {
  if (outcome?.kind === 'retry') return `retry (${String(outcome.error)})`;
  return outcome?.kind === 'dead' ? `dead (${outcome.reason})` : (outcome?.kind ?? 'nothing');
}
