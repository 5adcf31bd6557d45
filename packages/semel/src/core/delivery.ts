import { type Identity, identityOf, type Message, type SealedMessage } from './message.ts';
import type { JsonLimits } from './read-json.ts';

/**
 * How a delivery is settled.
 * - `external`: the transport acknowledges after the commit;
 * - `item`: a row of this store's own queue, settled in the effect's transaction, under its fence;
 * - `position`: a step of a log, advanced in the effect's transaction, under the owner's epoch.
 */
export type Receipt =
  | { readonly kind: 'external' }
  | { readonly kind: 'item'; readonly item: number; readonly fence: number }
  | { readonly kind: 'position'; readonly partition: string; readonly from: string; readonly to: string; readonly epoch: number };

/** One failed try: what dead letters and retries keep as history. */
export interface Failure {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly attempt: number;
  /** The code of a SemelError, or the `code` of a driver's error, or the error's name. */
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  /** It was a circuit breaker's probe, and counted as no attempt. */
  readonly uncounted?: true;
}

/** What a transport hands over: a message, or bytes that are still to be decoded, and how to settle it. */
export interface Delivery {
  readonly topic: string;
  readonly content:
    | {
        readonly message: Message /** Where the transport kept them: see {@link SealedMessage}. */;
        readonly fingerprint?: SealedMessage['fingerprint'];
        readonly json?: SealedMessage['json'];
      }
    | {
        readonly bytes: Uint8Array;
        /** Reads them where they are no structured CloudEvent alone; throws as `decodeCloudEvent` does. */
        readonly decode?: (limits: JsonLimits) => Message;
      };
  readonly receipt: Receipt;
  /** 1 at the first delivery. Failed tries count, and crashes while it ran alone; releases do not, nor the crash of a group, which has no culprit. */
  readonly attempt: number;
  /** Failed tries so far, oldest first; may be cut to the newest. */
  readonly history?: readonly Failure[];
  /**
   * It was in flight when its process died: it runs alone, so that a culprit is found and its neighbours are not buried with it. `with-others`: the
   * broker counts deaths for all that were in hand together, which blames nobody: it is parked, and counted singly from there on.
   */
  readonly suspect?: boolean | 'with-others';
}

/**
 * What became of a delivery. Every entrance (a pull loop, a Lambda event, an HTTP request, the prover) turns it into its own reply.
 * - `done`, `duplicate`, `dead`, `parked`: acknowledge. A parked message waits in the store's own queue.
 * - `retry`: deliver again after `afterMs`; `held`: again, once its key's predecessor is done; costs no attempt;
 * - `released`: it was not begun: deliver again, costs no attempt;
 * - `lost`: the lease or the partition is another's: do nothing;
 * - `unknown`: the commit's fate is not known: nobody may acknowledge, bury or count it.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly result?: unknown }
  | { readonly kind: 'duplicate'; readonly result?: unknown }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'parked' }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly error: unknown }
  | { readonly kind: 'held' }
  | { readonly kind: 'released' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unknown' };

/** The one entrance to the engine. Outcomes stand in the order of the deliveries. It rejects only when the store cannot be used at all; nothing is settled then. */
export type Process = (deliveries: readonly Delivery[], options?: ProcessOptions) => Promise<readonly Outcome[]>;

/** Bounds of one call of {@link Process}. */
export interface ProcessOptions {
  /** When it aborts, what is not begun is released, and running handlers see their signal abort. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970: nothing new is begun after it (a Lambda's remaining time). */
  readonly deadlineMs?: number;
  /** Told as soon as a delivery is through: its lease needs no more prolonging. */
  readonly onAnswer?: (delivery: Delivery, outcome: Outcome) => void;
}

/** What bytes turned out to be. */
const DECODED = new WeakMap<Delivery, Identity>();

/** Lets {@link identitiesOf} know the message of a delivery that came as bytes. */
export function identify(delivery: Delivery, message: Identity): void {
  if ('bytes' in delivery.content) DECODED.set(delivery, identityOf(message));
}

/** Which messages these are, for events; bytes that were not decoded have no identity. */
export function identitiesOf(deliveries: readonly Delivery[]): readonly Identity[] {
  return deliveries.flatMap((delivery) => ('message' in delivery.content ? identityOf(delivery.content.message) : (DECODED.get(delivery) ?? [])));
}
