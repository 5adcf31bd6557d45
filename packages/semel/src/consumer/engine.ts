import type { Lifecycle } from '../core/lifecycle.ts';
import type { Message } from '../core/message.ts';
import type { JsonLimits } from '../core/read-json.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Store } from '../core/store.ts';
import type { AnyTopic } from '../core/topic.ts';

/** What every part of the consumer path shares: made once by `createSemel`. */
export interface Engine<Tx = unknown> {
  /** The name given to `createSemel`. */
  readonly name: string;
  readonly store: Store<Tx>;
  readonly runtime: Runtime;
  readonly lifecycle: Lifecycle;
  readonly limits: Required<JsonLimits>;
  /** A unit of work's id. */
  unit(): string;
  /** What the user adds to every handler's context. */
  extend?(about: { readonly consumer: string; readonly topic: AnyTopic; readonly message: Message }): object;
}

/** What bounds one commit; also names, to the watchdog, whose handlers run. */
export interface Bounds {
  readonly signal: AbortSignal;
  /** The circuit breaker wants to know whether the outage goes on: a failure costs no attempt. */
  readonly probing: boolean;
}
