import { join } from 'node:path';
import { Fleet } from './fleet.ts';
import { readableFolder, servicesFolder } from './folders.ts';
import { type Service, variableOf } from './service.ts';

/** A service's address and whence it comes, or why there is none. */
export type Provision = { readonly url: string; readonly from: 'variable' | 'running' | `started in ${string} s` } | { readonly missing: string };

/** The services that `npm run services` brings up, and that stay until it takes them down. */
export function sharedFleet(): Fleet {
  return new Fleet(readableFolder(join(servicesFolder(), 'shared')));
}

/** Provides services one after another, in an order in which each comes after what it needs: as its variable says, else as it runs already, else started in `fleet`. */
export async function provide(services: readonly Service[], fleet: Fleet): Promise<ReadonlyMap<string, Provision>> {
  const provisions = new Map<string, Provision>();
  for (const service of services) provisions.set(service.name, await provideOne(service, provisions, fleet));
  return provisions;
}

async function provideOne(service: Service, earlier: ReadonlyMap<string, Provision>, fleet: Fleet): Promise<Provision> {
  const own = process.env[variableOf(service.name)];
  if (own) return { url: own, from: 'variable' };
  const urls: Record<string, string> = {};
  for (const need of service.needs) {
    const provision = earlier.get(need);
    if (provision === undefined || 'missing' in provision) return { missing: `it needs ${need}: ${provision?.missing}` };
    urls[need] = provision.url;
  }
  const running = await sharedFleet().find(service, urls);
  if (running !== undefined) return { url: running, from: 'running' };
  const beganAtMs = performance.now();
  return fleet.up(service, urls).then(
    (url) => ({ url, from: `started in ${((performance.now() - beganAtMs) / 1_000).toFixed(1)} s` }),
    (error: Error) => ({ missing: error.message }),
  );
}
