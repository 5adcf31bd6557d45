import { SemelError } from '../../core/errors.ts';
import { badOption, checkOptions, oneOf } from '../../core/options.ts';
import type { BytePattern } from './stream-search.ts';

/** What is to happen to one request, of whichever connection sends it first. */
export interface RequestFault {
  /**
   * How the request is recognised, up to its last byte: a cut forwards nothing that stands behind the match, so that `COMMIT` without the zero byte that
   * ends it would leave Postgres with half a request. It is looked for in what each client sends from now on, as one stream: a match may be
   * split over TCP segments or share one with other requests, and reaches over at most 64 KiB of earlier segments.
   */
  readonly request: BytePattern;
  /**
   * - `cut-before-request`: in place of the request the server gets the end of the connection, and the client a reset. Where the request
   *   came in several segments, only the last is missing.
   * - `cut-after-request`: the server gets the request, and the client a reset at once.
   * - `cut-reply`: the client gets a reset in place of the reply.
   * - `hold-reply`: the reply, and all that follows it on this connection, is kept back until `release()`.
   *
   * What came before is forwarded. After `cut-after-request` the connection to the server stays open until the reply comes, so that a server which gives
   * up when its client is gone has no reason to. A client in Node may take a reset right behind other bytes for an end.
   */
  readonly then: 'cut-before-request' | 'cut-after-request' | 'cut-reply' | 'hold-reply';
  /** How the reply begins, needed where earlier requests may still be unanswered. The end of the connection counts as a reply. @default the next byte that the server sends */
  readonly reply?: BytePattern;
  /** Disarms the fault, unless it has happened. @default never */
  readonly signal?: AbortSignal;
}

const OPTIONS: readonly (keyof RequestFault)[] = ['request', 'then', 'reply', 'signal'];
const KINDS: readonly RequestFault['then'][] = ['cut-before-request', 'cut-after-request', 'cut-reply', 'hold-reply'];

/**
 * Copies the fault and checks it.
 * @throws SemelError `bad-option`
 */
export function checkedFault(fault: RequestFault): RequestFault {
  checkOptions('once()', fault, OPTIONS);
  oneOf('once()', 'then', fault.then, KINDS);
  checkPattern('request', fault.request);
  if (fault.reply !== undefined) checkPattern('reply', fault.reply);
  if (fault.reply !== undefined && fault.then === 'cut-before-request')
    throw new SemelError('bad-option', 'once(): there is no `reply` to a request that is cut before it is forwarded');
  return Object.freeze({ ...fault });
}

function checkPattern(name: string, pattern: BytePattern): void {
  const fits = pattern instanceof RegExp || ((typeof pattern === 'string' || pattern instanceof Uint8Array) && pattern.length > 0);
  if (!fits) throw badOption('once()', name, pattern, 'a text, bytes or a regular expression, and not empty');
}
