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
