import type { Registry, Subscription, SubscriptionState } from '../../core/store.ts';
import { lacks } from './lacking-roles.ts';

/** The subscriptions of this process: nothing is kept of them, but the group's offsets. */
export class KafkaSubscriptions implements Registry {
  readonly #hasRoute: (name: string) => boolean;
  readonly #joined = new Map<string, SubscriptionState>();

  /** @param hasRoute whether the store has a route of this name */
  constructor(hasRoute: (name: string) => boolean) {
    this.#hasRoute = hasRoute;
  }

  async join(subscription: Subscription, { previousNames = [] }: Parameters<Registry['join']>[1]): Promise<void> {
    const { name, kind, topic } = subscription;
    if (kind === 'local') throw lacks(`consumer ${name}: topic ${topic} has no route, and local topics, which need a queue`, 'give it a `route()` of the store');
    if (kind === 'route' && !this.#hasRoute(name.slice(topic.length + 1)))
      throw lacks(`route ${name}: an outbox to relay to another transport from`, 'carry the topic by a `route()` of the store, or use a store that has one');
    if (previousNames.length > 0) throw lacks(`consumer ${name}: previous names, whose positions are offsets of another group`, 'keep the name');
    const backlog = { ready: 0, inFlight: 0, retrying: 0, held: 0 };
    this.#joined.set(name, { ...subscription, joinedAtMs: 0, seenAtMs: 0, backlog, deadLetters: 0 });
  }

  /** The topic of each route that was joined. */
  get routes(): readonly SubscriptionState[] {
    return [...this.#joined.values()].filter(({ kind }) => kind === 'route');
  }

  async leave(name: string): Promise<never> {
    throw lacks(`consumer ${name}: anything to remove`, 'delete its group with the tools of Kafka');
  }

  async pause(name: string): Promise<never> {
    throw lacks(`consumer ${name}: a place where a pause could be kept`, 'stop its processes instead');
  }

  async resume(name: string): Promise<never> {
    return this.pause(name);
  }

  async pausedUntilMs(): Promise<undefined> {}

  async list(): Promise<readonly SubscriptionState[]> {
    return [...this.#joined.values()];
  }
}
