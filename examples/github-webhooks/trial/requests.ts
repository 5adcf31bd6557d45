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

/** How a trial's requests are made. */
export interface RequestOptions {
  /** How often every delivery is sent. */
  readonly rounds: number;
  readonly secret: string;
  readonly chance: Chance;
}

/** So many parts follow one another, so that there is something new to handle until the end, and processes die while they are at it. */
const PARTS = 10;
/** The share of requests that come altered as well, in each of the two ways. */
const ALTERED_SHARE = 0.1;

/**
 * Every delivery several times over, and altered copies of some, shuffled.
 *
 * In waves, of which each begins when the one before it is answered: a delivery that conflicts with a genuine one can be told from it only
 * where the genuine one is known.
 */
export function requests(recorded: readonly Recorded[], { rounds, secret, chance }: RequestOptions): readonly (readonly Request[])[] {
  const genuine = chance.shuffled(recorded).map((one): Request => ({ ...one, kind: 'genuine', signature: sign(one.body, secret) }));
  const parts = partsOf(genuine).map((part) => Array.from({ length: rounds }, () => part).flat());
  const some = (part: readonly Request[]) => chance.sample(part, Math.ceil(part.length * ALTERED_SHARE));
  return [...parts, []].map((part, index) => {
    const forged = some(part).map((one): Request => ({ ...one, kind: 'forged', body: altered(one.body, chance) }));
    const conflicting = some(parts[index - 1] ?? []).map((one) => conflictingWith(one, secret));
    return chance.shuffled([...part, ...forged, ...conflicting]);
  });
}

function partsOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const length = Math.ceil(items.length / PARTS);
  return Array.from({ length: PARTS }, (_, index) => items.slice(index * length, (index + 1) * length));
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
