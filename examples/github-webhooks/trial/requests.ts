import { sign } from '../signature.ts';
import type { Chance } from './chance.ts';
import type { Recorded } from './recorded.ts';

/** What the driver sends, and the answer that each must get. */
export const ANSWERS = {
  /** As GitHub sent it. */
  genuine: 202,
  /** Altered on the way: the signature is that of the genuine body. */
  forged: 401,
  /** Altered and signed: the id of a delivery that was stored with another body. */
  conflicting: 409,
} as const;

/** A kind of request; see {@link ANSWERS}. */
export type Kind = keyof typeof ANSWERS;

/** A request to the receiver. */
export interface Request extends Recorded {
  readonly kind: Kind;
  readonly signature: string;
}

/** Of each round, the share of deliveries that comes altered as well, in each of the two ways. */
const ALTERED_SHARE = 0.1;

/**
 * Every delivery in every round, and altered copies of some, all shuffled.
 *
 * In two waves, of which the second begins when the first is answered: only where the genuine delivery is known can one that conflicts
 * with it be told from it.
 */
export function requests(
  recorded: readonly Recorded[],
  { rounds, secret, chance }: { readonly rounds: number; readonly secret: string; readonly chance: Chance },
): readonly (readonly Request[])[] {
  const genuine = recorded.map((one): Request => ({ ...one, kind: 'genuine', signature: sign(one.body, secret) }));
  const some = () => chance.sample(genuine, Math.ceil(genuine.length * ALTERED_SHARE));
  const forged = () => some().map((one): Request => ({ ...one, kind: 'forged', body: altered(one.body, chance) }));
  const conflicting = () => some().map((one) => conflictingWith(one, secret));

  const first = [...genuine, ...forged()];
  const later = Array.from({ length: rounds - 1 }, () => [...genuine, ...forged(), ...conflicting()]);
  return [chance.shuffled(first), chance.shuffled([...later.flat(), ...conflicting()])];
}

/** One bit of it is another. */
function altered(body: Buffer, chance: Chance): Buffer {
  const copy = Buffer.from(body);
  const at = chance.below(copy.length);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

function conflictingWith(genuine: Request, secret: string): Request {
  const body = Buffer.from(JSON.stringify({ ...JSON.parse(genuine.body.toString()), altered: true }));
  return { ...genuine, kind: 'conflicting', body, signature: sign(body, secret) };
}
