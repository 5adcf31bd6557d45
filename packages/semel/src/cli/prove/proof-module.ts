import { SemelError } from '../../core/errors.ts';
import type { ProveOptions } from '../../prove/once/prove-options.ts';
import { addressOf, importFrom } from '../app-module.ts';

/** What is to be proven, and where processes find it. */
export interface ProofExport {
  readonly options: ProveOptions<unknown>;
  /** The module's `file:` address. */
  readonly module: string;
  /** The export's name. */
  readonly name: string;
}

/** What the options of a proof look like. */
const SHAPE = 'export const proof = { store, consumer, messages, effect }, the options of `proveOnce`';

/**
 * The options of a proof that a module exports, under whatever name. Importing it runs the module: it is to declare, and to start nothing.
 *
 * @param consumer of the proof, where the module exports several
 * @throws SemelError `app-unusable` where it cannot be imported or exports none, or several and none is chosen; `unknown-consumer`
 */
export async function proofIn(path: string, consumer?: string): Promise<ProofExport> {
  const exported = Object.entries(await importFrom(path)).filter((entry): entry is [string, ProveOptions<unknown>] => isProof(entry[1]));
  const consumers = exported.map(([, proof]) => proof.consumer.name).join(', ');
  if (exported.length === 0) throw new SemelError('app-unusable', `${path} exports nothing to prove; it needs an \`${SHAPE}\``);
  const chosen = exported.filter(([, proof]) => consumer === undefined || proof.consumer.name === consumer);
  const [[name, options] = [], ...others] = chosen;
  if (name === undefined || options === undefined) throw new SemelError('unknown-consumer', `${path} has no proof of ${consumer}; it exports those of ${consumers}`);
  if (others.length > 0) throw new SemelError('app-unusable', `${path} exports several proofs: name the consumer, one of ${consumers}`);
  return { options, module: addressOf(path), name };
}

/** By its shape: the module may have its own copy of the package. */
function isProof(value: unknown): value is ProveOptions<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { consumer, messages, effect } = value as Partial<ProveOptions<unknown>>;
  return typeof consumer?.handler === 'function' && Array.isArray(messages) && typeof effect === 'function';
}
