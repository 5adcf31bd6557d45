/** What the prover saw, in its order. Times are virtual: milliseconds since the run began. */
export type Entry = { readonly atMs: number; readonly who: string } & Happening;

/** One thing that happened. Messages are named by their ids. */
export type Happening =
  /** A worker came to a boundary, and stands there until it is told to go on. */
  | { readonly kind: 'reached'; readonly at: string; readonly ids: readonly string[] }
  | { readonly kind: 'goes-on'; readonly at: string }
  /** Something went wrong, as the schedule said. */
  | { readonly kind: 'fault'; readonly fault: string; readonly at: string; readonly id?: string }
  | { readonly kind: 'woke' }
  | { readonly kind: 'restarted' }
  /** A lifecycle event that is no boundary. `culprit`: the message whose handler threw the error. */
  | { readonly kind: 'notice'; readonly type: string; readonly ids: readonly string[]; readonly code?: string; readonly culprit?: string }
  | { readonly kind: 'delivered'; readonly id: string; readonly attempt: number }
  /** An acknowledgement arrived at the broker. `kept`: the store has what became of the message by then. */
  | { readonly kind: 'acknowledged'; readonly id: string; readonly kept: boolean }
  | { readonly kind: 'threw'; readonly id: string; readonly run: string }
  /** The store took a handler's effect. `stale`: the lease or partition was another's by then. */
  | { readonly kind: 'committed'; readonly id: string; readonly stale: boolean }
  /** What a producer was told of its transaction. */
  | { readonly kind: 'told'; readonly id: string; readonly fate: 'committed' | 'undone' | 'unknown' }
  | { readonly kind: 'arrived'; readonly id: string };

/** A message of the run, as its plan says. */
export interface PlannedMessage {
  readonly id: string;
  readonly key: string;
  /** What its handler does, if not its work: throws every time, or ends the process every time. */
  readonly nature: 'sound' | 'poison' | 'killer';
}

/** What a handler did that is there at the end. */
export interface Effect {
  readonly id: string;
  readonly key: string;
  /** Which run of the handler made it. */
  readonly run: string;
}

/** What is there when the run is over. */
export interface Ending {
  /** Whether everything came to its end within the bounds. */
  readonly finished: boolean;
  readonly accepted: readonly PlannedMessage[];
  readonly effects: readonly Effect[];
  readonly records: readonly { readonly id: string; readonly state: 'done' | 'dead'; readonly matches: boolean }[];
  readonly deadLetters: readonly string[];
  /** Messages that committed handlers published, by the id of their cause. */
  readonly outbox: readonly string[];
  /** What arrived at the sink, by the id of its cause, repetitions included; undefined where there is none. */
  readonly arrivals?: readonly string[];
  /** What a producer wrote beside the messages that it published; undefined where there is none. */
  readonly placed?: readonly string[];
}

/** One run: what was promised, what happened, and what is there. */
export interface History {
  readonly guarantee: 'exactly-once' | 'at-least-once' | 'at-most-once';
  /** Whether there is a consumer, and not only a relay. */
  readonly consumes: boolean;
  /** Whether the source and the consumer keep the order of keys. */
  readonly ordered: boolean;
  readonly entries: readonly Entry[];
  readonly ending: Ending;
}
