import { commitResolved } from '../../core/commit-resolved.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import { dispositionOf } from '../../core/disposition.ts';
import { failureOf } from '../../core/failure.ts';
import { QueueFeed } from '../../core/queue-feed.ts';
import { sealedOf } from '../../core/seal.ts';
import type { CommitOptions, ItemResult, Queue, Work, WorkItem } from '../../core/store.ts';
import type { Feed, Settled, SubscribeOptions, Subscriber } from '../../core/transport.ts';
import { unitIds } from '../../core/unit-ids.ts';
import type { PeerConnection } from './peer-connection.ts';

/** Takes messages out of the peer's queues: leased there, settled there after the commit here. */
export class PeerSubscriber implements Subscriber {
  readonly #peer: PeerConnection;

  constructor(peer: PeerConnection) {
    this.#peer = peer;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    await this.#peer.open();
    const { ordered, leaseMs, runtime, from, previousNames } = options;
    const name = nameAt(options, options.consumer);
    await this.#peer.store.registry.join({ name, kind: 'local', topic, ordered }, { from, previousNames: previousNames.map((previous) => nameAt(options, previous)) });
    return new PeerFeed(this.#peer, name, new QueueFeed(this.#peer.store.queue as Queue, name, leaseMs, runtime), options);
  }

  close(): Promise<void> {
    return this.#peer.close();
  }
}

/** A consumer's name at the peer, where consumers of its own and of other services may have the same. */
function nameAt({ service }: SubscribeOptions, consumer: string): string {
  return `${service}/${consumer}`;
}

/** What the peer's own row says of a delivery that is settled: what ends it there, and what comes again. */
type Ending = { readonly delivery: Delivery; readonly result: ItemResult; readonly afterMs: number };

class PeerFeed implements Feed {
  readonly #peer: PeerConnection;
  readonly #name: string;
  readonly #queue: QueueFeed;
  readonly #options: SubscribeOptions;
  readonly #unit: () => string;
  /** Our deliveries, with the peer's receipts: their fences are checked in the peer's transaction, not in ours. */
  readonly #originals = new WeakMap<Delivery, Delivery>();

  constructor(peer: PeerConnection, name: string, queue: QueueFeed, options: SubscribeOptions) {
    this.#peer = peer;
    this.#name = name;
    this.#queue = queue;
    this.#options = options;
    this.#unit = unitIds(options.runtime);
  }

  async receive(options: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    return (await this.#queue.receive(options)).map((original) => {
      const delivery: Delivery = { ...original, receipt: { kind: 'external' } };
      this.#originals.set(delivery, original);
      return delivery;
    });
  }

  async settle(settled: readonly Settled[]): Promise<void> {
    const originals = settled.map(({ delivery, outcome }) => ({ delivery: this.#original(delivery), outcome }));
    const ended = originals.flatMap(({ delivery, outcome }) => endingOf(delivery, outcome) ?? []);
    if (ended.length > 0) await this.#end(ended);
    await this.#queue.settle(originals); // gives back what was not begun
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const lost = new Set(await this.#queue.extend(deliveries.map((delivery) => this.#original(delivery))));
    return deliveries.filter((delivery) => lost.has(this.#original(delivery)));
  }

  async pending(): Promise<number> {
    const state = (await this.#peer.store.registry.list()).find(({ name }) => name === this.#name);
    return state === undefined ? 0 : state.backlog.ready + state.backlog.inFlight + state.backlog.retrying;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #end(ended: readonly Ending[]): Promise<void> {
    const byDelivery = new Map(ended.map((ending) => [ending.delivery, ending]));
    const works = ended.map(({ delivery, result }): Work => ({ items: [itemOf(delivery)], run: async () => [result] }));
    const options: CommitOptions = {
      subscription: this.#name,
      unit: this.#unit(),
      ordered: this.#options.ordered,
      onFailure: ({ delivery }, error) => ({
        kind: 'retry',
        afterMs: byDelivery.get(delivery)?.afterMs ?? 0,
        failure: failureOf(error, delivery.attempt, this.#options.runtime.clock.now()),
        counted: true,
        park: false,
      }),
    };
    await commitResolved(this.#peer.store, works, options, this.#options.runtime);
  }

  #original(delivery: Delivery): Delivery {
    return this.#originals.get(delivery) ?? delivery;
  }
}

function itemOf(delivery: Delivery): WorkItem {
  const { content, receipt } = delivery;
  if (!('message' in content)) return { delivery, receipt };
  const { message, json } = sealedOf(content);
  return { delivery, receipt, message, json };
}

function endingOf(delivery: Delivery, outcome: Outcome): Ending | undefined {
  if (outcome.kind === 'retry') return { delivery, result: { ok: false, error: outcome.error }, afterMs: outcome.afterMs };
  return dispositionOf(outcome).kind === 'acknowledge' ? { delivery, result: { ok: true }, afterMs: 0 } : undefined; // what was not begun goes back to its queue
}
