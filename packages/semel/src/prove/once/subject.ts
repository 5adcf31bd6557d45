import type { Consumer } from '../../consumer/consumer.ts';
import type { Engine } from '../../consumer/engine.ts';
import { MAX_JSON_DEPTH } from '../../core/canonical-json.ts';
import type { SealedMessage } from '../../core/message.ts';
import { MAX_JSON_BYTES } from '../../core/read-json.ts';
import { retryPolicy } from '../../core/retry.ts';
import type { Runtime } from '../../core/runtime.ts';
import { unitIds } from '../../core/unit-ids.ts';
import type { ProofSettings } from './prove-options.ts';
import { withoutInbox } from './without-inbox.ts';
import { WorkerLifecycle } from './worker-lifecycle.ts';

/** Enough for a fault and what follows it, and few enough for poison to be buried soon. */
const ATTEMPTS = 4;

/** Names that keep a proof apart from others on the same database, and a runtime. */
export interface SubjectOptions {
  readonly unique: string;
  readonly runtime: Runtime;
}

/** What is proven, and the engine that runs it. The same settings and names give the same subject in every process. */
export class Subject<Tx> {
  readonly unique: string;
  readonly engine: Engine<Tx>;
  readonly lifecycle: WorkerLifecycle = new WorkerLifecycle();
  /** The user's consumer, under a name of its own, with a retry policy that ends soon. */
  readonly consumer: Consumer;
  /** The same without the record that a message was handled. */
  readonly control: Consumer;

  constructor(settings: ProofSettings<Tx>, { unique, runtime }: SubjectOptions) {
    const { name, context, stores, consumer } = settings;
    const limits = { maxBytes: MAX_JSON_BYTES, maxDepth: MAX_JSON_DEPTH };
    const extend = context && ((about: Parameters<typeof context>[0]) => context({ ...about, consumer: consumer.name }));
    const policies = { ...consumer.policies, budgetMs: Number.POSITIVE_INFINITY, circuitBreaker: undefined, retry: retryPolicy({ attempts: ATTEMPTS }) };
    this.unique = unique;
    this.engine = { name, store: stores[0], runtime, lifecycle: this.lifecycle, limits, unit: unitIds(runtime), ...(extend && { extend }) };
    this.consumer = { ...consumer, name: `proof-${unique}`, policies };
    this.control = withoutInbox(this.consumer);
  }

  /** Whether a statement that fails takes its transaction with it, whatever its handler catches. */
  get abortsOnError(): boolean {
    return this.engine.store.name === 'postgres';
  }

  /** A message under a source that no other trial has. */
  own(sealed: SealedMessage, trial: number): SealedMessage {
    return { ...sealed, message: { ...sealed.message, source: `${sealed.message.source}?proof=${this.unique}.${trial}` } };
  }
}
