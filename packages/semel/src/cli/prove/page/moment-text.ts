import type { Boundary } from '../../../prove/once/fault.ts';
import type { Moment } from '../../../prove/once/trace.ts';
import { wordOf } from '../../../prove/once/words.ts';

const WORDS: Readonly<Record<Exclude<Moment['what'], 'reached'>, string>> = {
  given: 'is given it',
  answered: 'acknowledges it, or gives it back',
  killed: 'is killed (SIGKILL)',
  stopped: 'is stopped (SIGSTOP)',
  continued: 'goes on (SIGCONT)',
  ended: 'ends by itself',
};

/** A moment in words: `worker 1, before COMMIT`. */
export function momentText({ worker, what, at = '' }: Moment): string {
  if (what !== 'reached') return `worker ${worker} ${WORDS[what]}`;
  return `worker ${worker}: ${wordOf(at as Boundary) ?? at}`;
}
