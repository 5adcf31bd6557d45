import { SemelError } from '../../core/errors.ts';
import { badOption } from '../../core/options.ts';
import { ProofBench } from '../once/bench.ts';
import { factsOf, type PlayedTrial, proveOn } from '../once/proof.ts';
import type { ProofFacts } from '../once/proof-facts.ts';
import { ProofFolder } from '../once/proof-folder.ts';
import { type ProveOptions, proofSettings } from '../once/prove-options.ts';
import { beforeSignals } from './before-signals.ts';
import { Crew } from './crew.ts';
import { FEWEST_KILLS, killing } from './killing.ts';
import type { Origin } from './worker-process.ts';

/** Where the processes find what they are to prove, and what is done to them. */
export interface ProcessOptions extends Pick<Origin, 'module' | 'name' | 'loud'> {
  /** Processes to kill. */
  readonly kills: number;
  /** Processes that stand ready at once; two at the least. */
  readonly workers: number;
  readonly seed: number;
  /** Told of each trial when it is over. */
  readonly onTrial?: (trial: PlayedTrial) => void;
}

const WHERE = 'semel prove';

/**
 * Proves a consumer with processes: they handle its messages over its store, and are killed, stopped and given duplicates while they do. The effects are
 * counted by this process, which handles nothing. What is done without the inbox must show a duplicate, as in `proveOnce`.
 *
 * @param options as the module exports them: each process imports it by itself
 * @throws SemelError `bad-option`, `capability-missing`; what `prepare`, `effect`, the store and the module throw
 */
export async function proveProcesses<Tx>(options: ProveOptions<Tx>, { kills, workers, seed, onTrial, ...module }: ProcessOptions): Promise<ProofFacts> {
  const startedMs = performance.now();
  if (kills < FEWEST_KILLS) throw badOption(WHERE, 'kills', kills, `${FEWEST_KILLS} or more: there are as many boundaries, and each is the end of a process`);
  if (workers < 2) throw badOption(WHERE, 'workers', workers, '2 or more: one takes over from another');
  using place = new ProofFolder();
  const settings = proofSettings({ ...options, seed }, place);
  const { capabilities, name } = settings.stores[0];
  if (!capabilities.shared || !capabilities.durable)
    throw new SemelError('capability-missing', `processes need a store that they share, and that outlives them; ${name} is neither, or one of the two`);
  const bench = await ProofBench.open(settings, (subject) => new Crew(workers, subject, { ...module, folder: place.folder }));
  const release = beforeSignals(() => {
    void bench.workforce.close(); // one that is stopped would not see that its parent is gone
    place.remove();
  });
  try {
    const proof = await proveOn(bench, { scenarios: () => killing({ kills, seed }), ...(onTrial === undefined ? {} : { onTrial }) });
    return factsOf(settings, proof, performance.now() - startedMs);
  } finally {
    release();
    await bench.close();
  }
}
