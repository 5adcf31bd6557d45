import { join } from 'node:path';
import { withNeeds } from './catalog.ts';
import { Fleet } from './fleet.ts';
import { orphanedFolders, ownFolder, servicesFolder } from './folders.ts';
import { withLock } from './lock.ts';
import { type Provision, provide } from './provide.ts';

/** Services for as long as one run takes. */
export interface Borrowed extends AsyncDisposable {
  /** What became of each, by name. */
  readonly provisions: ReadonlyMap<string, Provision>;
}

/**
 * Services of these names (all where none is given) and what they need, until they are disposed of: those that run already are used and stay,
 * what had to be started ends. So two runs at a time take nothing from each other.
 */
export async function borrow(names: readonly string[]): Promise<Borrowed> {
  const fleet = await ownFleet();
  return { provisions: await provide(withNeeds(names), fleet), [Symbol.asyncDispose]: () => fleet.dissolve() };
}

/** A fleet of this process alone. Where it is not dissolved, because the process was killed, the next one does that. */
export async function ownFleet(): Promise<Fleet> {
  await dissolveOrphans();
  return new Fleet(ownFolder());
}

/** Ends what killed processes left running. */
export async function dissolveOrphans(): Promise<void> {
  await withLock(join(servicesFolder(), 'orphans.lock'), async () => {
    for (const folder of orphanedFolders()) await new Fleet(folder).dissolve();
  });
}
