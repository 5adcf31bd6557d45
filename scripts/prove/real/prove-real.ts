import { borrow } from '../../services/borrow.ts';
import { type RealReport, realCells } from './campaign.ts';
import { STORES, type StoreName, type StorePlace, TRANSPORTS, type TransportName, type TransportPlace } from './places.ts';

/** Which real processes come to harm, and how often. */
export interface RealSize {
  readonly stores: readonly StoreName[];
  readonly transports: readonly TransportName[];
  readonly kills: number;
  readonly only: string | undefined;
}

/**
 * Tries each store over each transport, one after another, on services that it borrows.
 * @throws Error where a service cannot be had
 */
export async function proveReal({ stores, transports, kills, only }: RealSize, told: (report: RealReport) => void): Promise<readonly RealReport[]> {
  if (kills === 0) return [];
  const places: readonly (StorePlace | TransportPlace)[] = [...stores.map((name) => STORES[name]), ...transports.map((name) => TRANSPORTS[name])];
  await using services = await servicesFor(places.flatMap(({ service }) => service ?? []));
  const reports: RealReport[] = [];
  for (const store of stores) {
    for (const transport of transports) {
      const report = await realCells(store, transport, { kills, ...(only === undefined ? {} : { only }), urls: services.urls });
      told(report);
      reports.push(report);
    }
  }
  return reports;
}

async function servicesFor(names: readonly string[]): Promise<{ readonly urls: ReadonlyMap<string, string> } & AsyncDisposable> {
  if (names.length === 0) return { urls: new Map(), [Symbol.asyncDispose]: async () => {} };
  await using scope = new AsyncDisposableStack();
  const { provisions } = scope.use(await borrow([...new Set(names)]));
  const urls = new Map<string, string>();
  for (const [name, provision] of provisions) {
    if ('missing' in provision) throw new Error(`${name} cannot be had: ${provision.missing}`);
    urls.set(name, provision.url);
  }
  const whole = scope.move();
  return { urls, [Symbol.asyncDispose]: () => whole.disposeAsync() };
}
