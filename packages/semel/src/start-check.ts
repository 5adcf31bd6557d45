import type { Footing } from './explain/footing.ts';
import { refusalsOf } from './explain/refusals.ts';

/**
 * Refuses, before anything runs, a guarantee that the parts cannot carry.
 *
 * @throws SemelError `capability-missing`, `deadline-too-short`, `window-too-short` or `identity-unstable`, with what would mend it
 */
export function checkFooting(footing: Footing): void {
  const [first] = refusalsOf(footing);
  if (first !== undefined) throw first;
}
