import type { Consumer } from '../consumer/consumer.ts';
import { localContract } from '../contracts/local.ts';
import type { Contract } from '../core/contract.ts';
import type { Retention, Store, StoreCapabilities } from '../core/store.ts';
import type { Transport } from '../core/transport.ts';
import { type IdentityFinding, identityOf } from './identity.ts';

/** A service's parts, as far as its guarantees depend on them. */
export interface ServiceParts {
  readonly name: string;
  readonly store: Pick<Store, 'name' | 'capabilities'>;
  /** By topic name. */
  readonly routes: ReadonlyMap<string, readonly Transport[]>;
  readonly retention: Retention;
}

/** What a consumer stands on. */
export interface Footing {
  readonly consumer: Consumer;
  readonly capabilities: StoreCapabilities;
  /** Of its transport; of the local one where its topic has no route; undefined where it has some, and none can be read from. */
  readonly contract: Contract | undefined;
  readonly retention: Retention;
  readonly identity: IdentityFinding;
}

/** Whether what is read is a log whose positions move in the store's own transactions: it needs neither a queue nor a record of what was handled. */
export function isInPlace({ settlement, ordering }: Contract): boolean {
  return settlement.value === 'in-transaction' && ordering.value === 'partition';
}

/** The transport that a consumer reads from; undefined where its topic is local, or cannot be read from. */
export function sourceOf({ topic }: Consumer, routes: ServiceParts['routes']): Transport | undefined {
  return routes.get(topic.name)?.find(({ subscriber }) => subscriber !== undefined);
}

/** What a consumer of this service stands on. */
export function footingOf(consumer: Consumer, { store, routes, retention }: ServiceParts): Footing {
  const local = routes.has(consumer.topic.name) ? undefined : localContract;
  const contract = sourceOf(consumer, routes)?.contract ?? local;
  return { consumer, capabilities: store.capabilities, contract, retention, identity: identityOf(consumer.topic) };
}
