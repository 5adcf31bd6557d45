import type { FaultKind } from './scenario.ts';
import type { Hold, WorkerProcess } from './worker-process.ts';

/** One step that the explorer can choose next. */
export type Action = {
  /** The same for the same step in any schedule in which it can be chosen. */
  readonly id: string;
} & (
  | { readonly kind: 'go'; readonly process: WorkerProcess; readonly hold: Hold }
  | { readonly kind: 'wake'; readonly process: WorkerProcess }
  /** Its message is a killer. */
  | { readonly kind: 'die'; readonly process: WorkerProcess; readonly hold: Hold }
  | { readonly kind: 'tick' }
  | { readonly kind: 'end' }
  | { readonly kind: 'fault'; readonly fault: FaultKind; readonly at: string; readonly process?: WorkerProcess; readonly hold?: Hold; readonly message?: string }
);
