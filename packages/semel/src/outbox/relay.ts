import { commitResolved } from '../core/commit-resolved.ts';
import { type Delivery, identitiesOf, type Outcome, type Process } from '../core/delivery.ts';
import { SemelError } from '../core/errors.ts';
import { failureOf } from '../core/failure.ts';
import { Gate } from '../core/gate.ts';
import type { Lifecycle, LifecycleEvent } from '../core/lifecycle.ts';
import type { SealedMessage } from '../core/message.ts';
import { outcomeOf } from '../core/outcome-of.ts';
import { backOffMs } from '../core/retry.ts';
import type { Runtime } from '../core/runtime.ts';
import { sealedOf } from '../core/seal.ts';
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

/** How long a publisher whose time is over has to say what became of what it sent: what it does not tell is sent again. */
const LAST_WORD_MS = 50;
/** A publish is tried again until it succeeds: an outage of the broker buries nothing. Only what the broker refuses for good does. */
const BACK_OFF = { baseMs: 100, capMs: 30_000, factor: 2 } as const;

/**
 * Publishes what a route's outbox holds, and marks it in the store: at least once, in the order of each key, the same identity
 * every time. A relay is a consumer of the outbox whose effect is a publish, so leases, fences, retries and dead letters are the queue's.
 */
export class Relay {
  readonly name: string;
  readonly gate: Gate;
  readonly #parts: RelayParts;

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

  async #publish(deliveries: readonly Delivery[], results: Map<Delivery, PublishResult>, signal: AbortSignal | undefined): Promise<void> {
    if (deliveries.length === 0) return;
    await this.#tell('publishing', deliveries);
    const given = await this.#answers(deliveries, signal);
    for (const [index, delivery] of deliveries.entries()) results.set(delivery, given[index] ?? unknown('the publisher gave no result for this message'));
    await this.#tell('published', deliveries);
  }

  /**
   * The publisher's results. Once its time is over, or the worker stops, it has a moment to say what it knows; then all are `unknown`, for a publisher that does not heed
   * its signal must not hold the relay.
   */
  async #answers(deliveries: readonly Delivery[], signal: AbortSignal | undefined): Promise<readonly PublishResult[]> {
    const { publisher, timeoutMs } = this.#parts;
    const { scheduler } = this.#parts.runtime;
    const [over, answered] = [new AbortController(), new AbortController()];
    const giveUp = () => over.abort();
    const cancel = scheduler.after(timeoutMs, giveUp);
    signal?.addEventListener('abort', giveUp, { once: true });
    const noAnswer = new Promise<readonly PublishResult[]>((resolve) => {
      const silent = () => resolve(deliveries.map(() => unknown(`no answer within ${timeoutMs} ms, or before the worker stopped`)));
      over.signal.addEventListener('abort', () => void scheduler.sleep(LAST_WORD_MS, answered.signal).then(silent), { once: true });
    });
    try {
      return await Promise.race([
        publisher.publish(
          deliveries.map((delivery) => sealedOf(contentOf(delivery))),
          { signal: over.signal },
        ),
        noAnswer,
      ]);
    } finally {
      cancel();
      answered.abort();
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async #mark(deliveries: readonly Delivery[], results: ReadonlyMap<Delivery, PublishResult>): Promise<readonly Outcome[]> {
    const sent = deliveries.filter((delivery) => results.has(delivery));
    if (sent.length === 0) return deliveries.map(() => ({ kind: 'released' }));
    const { store, subscription, unit, runtime } = this.#parts;
    const items = sent.map(itemOf);
    const works = sent.map((delivery, index): Work => ({ items: [items[index] as WorkItem], run: async () => [resultOf(results.get(delivery) as PublishResult)] }));
    await this.#tell('marking', sent);
    try {
      const verdicts = await commitResolved(store, works, { subscription, unit: unit(), ordered: true, onFailure: (item, error) => this.#settlement(item, error) }, runtime);
      this.gate.calm();
      await this.#tell('marked', sent);
      const outcomes = new Map(sent.map((delivery, index) => [delivery, outcomeOf(verdicts[index] ?? { kind: 'released' }, items[index] as WorkItem)]));
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
    return { kind: 'retry', afterMs: backOffMs(BACK_OFF, attempt, this.#parts.runtime.random), failure, counted: true, park: false };
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

function unknown(why: string): PublishResult {
  return { kind: 'unknown', error: new SemelError('publish-failed', why) };
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

/** The content of a row of the outbox. */
function contentOf({ content }: Delivery): Parameters<typeof sealedOf>[0] {
  if ('message' in content) return content;
  throw new SemelError('not-cloudevent', 'an outbox holds messages, not bytes');
}

function messageOf(delivery: Delivery): SealedMessage['message'] {
  return contentOf(delivery).message;
}

function itemOf(delivery: Delivery): WorkItem {
  const { message, json } = sealedOf(contentOf(delivery));
  return { delivery, receipt: delivery.receipt, message, json };
}
