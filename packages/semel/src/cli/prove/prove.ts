import { writeFileSync } from 'node:fs';
import type { PlayedTrial } from '../../prove/once/proof.ts';
import { proveProcesses } from '../../prove/real/prove-processes.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { proofPage } from './page/proof-page.ts';
import { type ProcessProof, recordOf, strikesOf, type TrialRecord } from './process-proof.ts';
import { proofIn } from './proof-module.ts';
import { ProofProgress } from './proof-progress.ts';
import { proofText } from './proof-text.ts';
import type { ProveArguments, ProveOptions } from './prove-options.ts';

/** Does what `semel prove` was asked for, and reports it. */
export async function prove({ world, args: [module, consumer], options, print }: Invocation<ProveOptions, ProveArguments>): Promise<ExitCode> {
  const progress = options.json ? undefined : new ProofProgress(world);
  const proof = await proofOf(module, consumer, { ...options, loud: options.debug ?? false }, progress).finally(() => progress?.end());
  print({ json: { module, ...jsonOf(proof) }, text: () => proofText(proof) });
  if (options.html !== undefined) writeFileSync(options.html, proofPage(proof));
  return proof.facts.verdict === 'proven' ? EXIT_CODES.ok : EXIT_CODES.findings;
}

async function proofOf(
  path: string,
  consumer: string | undefined,
  { kills, workers, seed, loud }: ProveOptions & { readonly loud: boolean },
  progress: ProofProgress | undefined,
): Promise<ProcessProof> {
  const { options, module, name } = await proofIn(path, consumer);
  const trials: TrialRecord[] = [];
  const onTrial = (trial: PlayedTrial) => {
    trials.push(recordOf(trial));
    progress?.show(trial);
  };
  const facts = await proveProcesses(options, { module, name, kills, workers, seed: seed ?? options.seed ?? 1, loud, onTrial });
  return { facts, workers, trials };
}

function jsonOf(proof: ProcessProof): object {
  return { ...proof.facts, workers: proof.workers, trials: proof.trials.length, ...strikesOf(proof) };
}
