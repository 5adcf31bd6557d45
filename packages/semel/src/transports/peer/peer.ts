import { peerContract } from '../../contracts/peer.ts';
import { SemelError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type { Store } from '../../core/store.ts';
import type { Transport } from '../../core/transport.ts';
import { connectTo } from './peer-connection.ts';

import { PeerPublisher } from './peer-publisher.ts';
import { PeerSubscriber } from './peer-subscriber.ts';

/** What `peer` takes besides the store. */
export interface PeerOptions {
  /** The route's name in the outbox; keep it. @default 'peer' */
  readonly name?: string;
  /** @default the machine's */
  readonly runtime?: Runtime;
}

/**
 * Another service's store as a broker: publishing puts messages into its queues, idempotently by identity; subscribing takes
 * messages out of them under leases. The store given belongs to the transport from then on.
 *
 * @example
 * createSemel({ name: 'shop', store: sqlite('shop.db'), routes: { orders: peer(sqlite('billing.db'), { name: 'billing' }) } });
 */
export function peer(store: Store<never>, options: PeerOptions = {}): Transport {
  checkOptions('peer', options, ['name', 'runtime']);
  const { name = 'peer', runtime = systemRuntime } = options;
  if (store.queue === undefined) throw new SemelError('capability-missing', `peer: the store ${store.name} has no queue, so it cannot serve as a broker`);
  const connection = connectTo(store as unknown as Store, runtime);
  return Object.freeze({ name, contract: peerContract, publisher: new PeerPublisher(connection), subscriber: new PeerSubscriber(connection) });
}
