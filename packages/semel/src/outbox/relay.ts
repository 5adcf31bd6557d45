import { commitResolved } from '../core/commit-resolved.ts';
import { type Delivery, identitiesOf, type Outcome, type Process } from '../core/delivery.ts';
import { SemelError } from '../core/errors.ts';
import { failureOf } from '../core/failure.ts';
import { Gate } from '../core/gate.ts';
import type { Lifecycle, LifecycleEvent } from '../core/lifecycle.ts';
import type { SealedMessage } from '../core/message.ts';
import { outcomeOf } from '../core/outcome-of.ts';
import { retryPolicy } from '../core/retry.ts';
import type { Runtime } from '../core/runtime.ts';
import { seal } from '../core/seal.ts';
import type { ItemResult, Settlement, Store, Work, WorkItem } from '../core/store.ts';
import type { Publisher, PublishResult } from '../core/transport.ts';

/** What a relay works with. */
export interface RelayParts {
  readonly store: Store;
  readonly publisher: Publisher;
  /** The route's subscription in the store. */
  readonly subscription: string;
  readonly runtime: Runtime;
  readonly lifecycle: Lifecycle;
  /** How long one call of the publisher may take before its messages count as unknown. */
  readonly timeoutMs: number;
  unit(): string;
}

/** A publish is tried again until it succeeds: an outage of the broker buries nothing. Only what the broker refuses for good does. */
const FOREVER = retryPolicy({ attempts: Number.MAX_SAFE_INTEGER, baseMs: 100, capMs: 30_000 });

/**
 * Publishes what a route's outbox holds, and marks it in the store: at least once, in the order of each key, the same identity
 * every time. A relay is a consumer of the outbox whose effect is a publish, so leases, fences, retries and dead letters are the queue's.
 */
export class Relay {
  readonly name: string;
  readonly gate: Gate;
  readonly #parts: RelayParts;
  #sending = new AbortController();

  constructor(parts: RelayParts) {
    this.name = parts.subscription;
    this.gate = new Gate(parts.runtime);
    this.#parts = parts;
  }

  /** See {@link Process}. Where nothing could be sent or marked everything is `released`, and the gate closes for a while. */
  readonly process: Process = async (deliveries, options = {}) => {
    await this.#tell('leased', deliveries);
    const results = new Map<Delivery, PublishResult>();
    const stoppedKeys = new Set<string | undefined>();
    try {
      for (const wave of this.#parts.publisher.keepsKeyOrder ? [deliveries] : waves(deliveries)) {
        if (options.signal?.aborted) break;
        const open = wave.filter((delivery) => !stoppedKeys.has(messageOf(delivery).key));
        await this.#publish(open, results, options.signal);
        for (const delivery of open) if (mustComeAgain(results.get(delivery))) stoppedKeys.add(messageOf(delivery).key);
        stoppedKeys.delete(undefined);
      }
    } catch (error) {
      await this.#tell('trouble', [], { error, afterMs: this.gate.trouble() });
    }
    return this.#mark(deliveries, results);
  };

  /** Gives up the call that runs: its messages count as unknown. */
  interrupt(): void {
    this.#sending.abort();
    this.#sending = new AbortController();
  }

  async #publish(deliveries: readonly Delivery[], results: Map<Delivery, PublishResult>, signal: AbortSignal | undefined): Promise<void> {
    if (deliveries.length === 0) return;
    const { publisher, runtime, timeoutMs } = this.#parts;
    await this.#tell('publishing', deliveries);
    const timeout = new AbortController();
    const cancel = runtime.scheduler.after(timeoutMs, () => timeout.abort(new SemelError('publish-failed', `no answer within ${timeoutMs} ms`)));
    try {
      const given = await publisher.publish(deliveries.map(sealedOf), { signal: AbortSignal.any([timeout.signal, this.#sending.signal, ...(signal ? [signal] : [])]) });
      deliveries.forEach((delivery, index) =>
        results.set(delivery, given[index] ?? { kind: 'unknown', error: new SemelError('publish-failed', 'the publisher gave no result for this message') }),
      );
    } finally {
      cancel();
    }
    await this.#tell('published', deliveries);
  }

  async #mark(deliveries: readonly Delivery[], results: ReadonlyMap<Delivery, PublishResult>): Promise<readonly Outcome[]> {
    const sent = deliveries.filter((delivery) => results.has(delivery));
    if (sent.length === 0) return deliveries.map(() => ({ kind: 'released' }));
    const { store, subscription, unit, runtime } = this.#parts;
    const works = sent.map((delivery): Work => ({ items: [itemOf(delivery)], run: async () => [resultOf(results.get(delivery) as PublishResult)] }));
    await this.#tell('marking', sent);
    try {
      const verdicts = await commitResolved(store, works, { subscription, unit: unit(), ordered: true, onFailure: (item, error) => this.#settlement(item, error) }, runtime);
      this.gate.calm();
      await this.#tell('marked', sent);
      const outcomes = new Map(sent.map((delivery, index) => [delivery, outcomeOf(verdicts[index] ?? { kind: 'released' }, itemOf(delivery))]));
      return deliveries.map((delivery) => outcomes.get(delivery) ?? { kind: 'released' });
    } catch (error) {
      await this.#tell('trouble', [], { error, afterMs: this.gate.trouble() });
      return deliveries.map(() => ({ kind: 'released' })); // published, unmarked: it is published again under the same identity
    }
  }

  #settlement(item: WorkItem, refusal: unknown): Settlement {
    const { attempt } = item.delivery;
    const { error, final } = refusal as Refusal;
    const failure = failureOf(error, attempt, this.#parts.runtime.clock.now());
    if (final) return { kind: 'dead', reason: failure.code, failure, holdKey: false };
    const decision = FOREVER.decide(new SemelError('publish-failed', 'again'), Math.min(attempt, 30), this.#parts.runtime.random);
    return { kind: 'retry', afterMs: decision.kind === 'retry' ? decision.afterMs : 30_000, failure, counted: true, park: false };
  }

  async #tell(type: LifecycleEvent['type'], deliveries: readonly Delivery[], more: Omit<LifecycleEvent, 'type'> = {}): Promise<void> {
    if (!this.#parts.lifecycle.observed) return;
    await this.#parts.lifecycle.emit({ type, consumer: this.name, messages: identitiesOf(deliveries), ...more });
  }
}

/** Why a message was not accepted, and whether the broker will never take it. */
class Refusal {
  readonly error: unknown;
  readonly final: boolean;
  constructor(error: unknown, final: boolean) {
    this.error = error;
    this.final = final;
  }
}

function mustComeAgain(result: PublishResult | undefined): boolean {
  return result?.kind === 'unknown' || (result?.kind === 'failed' && result.retryable);
}

function resultOf(result: PublishResult): ItemResult {
  if (result.kind === 'accepted') return { ok: true };
  return { ok: false, error: new Refusal(result.error, result.kind === 'failed' && !result.retryable) };
}

/** Rounds in which each key appears at most once, for publishers that may send the second of a key after the first failed. */
function waves(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  const rounds: Delivery[][] = [];
  const depth = new Map<string, number>();
  for (const delivery of deliveries) {
    const { key } = messageOf(delivery);
    const round = key === undefined ? 0 : (depth.get(key) ?? 0);
    if (key !== undefined) depth.set(key, round + 1);
    const members = rounds[round];
    if (members === undefined) rounds[round] = [delivery];
    else members.push(delivery);
  }
  return rounds;
}

function messageOf({ content }: Delivery): SealedMessage['message'] {
  if ('message' in content) return content.message;
  throw new SemelError('not-cloudevent', 'an outbox holds messages, not bytes');
}

function sealedOf(delivery: Delivery): SealedMessage {
  const message = messageOf(delivery);
  const { fingerprint, json } = delivery.content as { readonly fingerprint?: string; readonly json?: string };
  return fingerprint !== undefined && json !== undefined ? { message, fingerprint, json } : seal(message);
}

function itemOf(delivery: Delivery): WorkItem {
  return { delivery, receipt: delivery.receipt, message: messageOf(delivery) };
}
