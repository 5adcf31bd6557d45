import type { ProofBench } from './bench.ts';
import { isSame } from './tally.ts';
import { Trial } from './trial.ts';

/**
 * What a redelivery does without the inbox.
 * - `repeated`: the effect was made twice: it is seen, and only the record keeps it from happening;
 * - `refused`: the second run failed, mostly at a unique key: the database itself keeps it from happening twice;
 * - `unchanged`: a second run leaves what the first one left: the effect is naturally once, or what is counted is not what the handler makes;
 * - `unseen`: what is counted did not change at all.
 */
export type Control = 'repeated' | 'refused' | 'unchanged' | 'unseen';

/** The negative control: the same handler, and no record that a message was handled. */
export async function controlOf<Tx>(bench: ProofBench<Tx>): Promise<Control> {
  const trial = await Trial.begin(bench, { consumer: bench.subject.control });
  await trial.handle(trial.broker.all(), { kind: 'crash', at: { boundary: 'settling' } });
  const once = await trial.aftermath();
  if (once.change.size === 0) return 'unseen';
  const { errors } = trial.trace;
  const before = errors.length;
  await trial.handle(trial.broker.all());
  const twice = await trial.aftermath();
  if (!isSame(once.change, twice.change)) return 'repeated';
  return errors.length > before ? 'refused' : 'unchanged';
}
