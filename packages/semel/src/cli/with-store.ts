import { Lifecycle } from '../core/lifecycle.ts';
import { systemRuntime } from '../core/runtime.ts';
import type { Store } from '../core/store.ts';
import type { World } from './world.ts';

/** Opens the store under the world's clock, uses it, and closes it, whatever happens. */
export async function withStore<Result>(made: Promise<Store>, world: World, use: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await made;
  try {
    await store.open({ runtime: { ...systemRuntime, clock: { now: () => world.now() } }, lifecycle: new Lifecycle() });
    return await use(store);
  } finally {
    await store.close();
  }
}
