import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultProxy } from 'semel/testing';
import type { Reader } from '../../../packages/semel/test/crash/ledger.ts';
import { ledgerOf } from '../../../packages/semel/test/crash/ledgers/ledger-of.ts';
import { database } from '../../../packages/semel/test/services/postgres.ts';
import { type Line, lineTo } from './line.ts';
import { STORES, type StoreName, type StorePlace, TRANSPORTS, type TransportName, type TransportPlace } from './places.ts';
import type { Plan } from './plan.ts';

/** What there is around the processes of one run; all of it is removed in the end. */
export interface Scene extends AsyncDisposable {
  readonly plan: Plan;
  /** Of the tables, without Semel, and by no way that is cut. */
  readonly reader: Reader;
  /** Whether messages of a key come in their order. */
  readonly ordered: boolean;
  /** The ways to servers, where there are any. */
  readonly toStore: FaultProxy | undefined;
  readonly toBroker: FaultProxy | undefined;
}

/** Makes a database, a topic and the ways to them. @param urls of the services that the store and the transport need, by name */
export async function setScene(storeName: StoreName, transportName: TransportName, urls: ReadonlyMap<string, string>): Promise<Scene> {
  const [storePlace, transport]: [StorePlace, TransportPlace] = [STORES[storeName], TRANSPORTS[transportName]];
  await using scope = new AsyncDisposableStack();
  const lineFor = async (url: string | undefined): Promise<Line | undefined> => {
    if (url === undefined) return undefined;
    const line = await lineTo(url);
    scope.use(line.proxy);
    return line;
  };
  const dir = mkdtempSync(join(tmpdir(), 'semel-real-'));
  scope.defer(() => rmSync(dir, { recursive: true, force: true }));
  const store = storePlace.service === undefined ? 'sqlite' : scope.use(await database(urls.get(storePlace.service))).url;
  const url = transport.service && urls.get(transport.service);
  const [toStore, toBroker] = [await lineFor(storePlace.service && store), await lineFor(url)];
  const through = toStore?.url ?? store;
  const route = await transport.open?.({ url: url ?? '', through: toBroker?.url ?? '', store: through, dir });
  if (route !== undefined) scope.use(route);
  const ledger = ledgerOf(store, dir);
  await ledger.makeTables('shop', ['placed', 'booked']);
  const reader = await ledger.read('shop');
  scope.defer(() => reader.close());
  const whole = scope.move();
  return {
    plan: { store: through, dir, topic: route?.topic ?? 'orders', leaseMs: transport.leaseMs, ...(route && { route: { module: route.module, address: route.address } }) },
    reader,
    ordered: transport.contract.ordering.value !== 'none',
    toStore: toStore?.proxy,
    toBroker: toBroker?.proxy,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}
