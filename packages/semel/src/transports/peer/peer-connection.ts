import { Lifecycle } from '../../core/lifecycle.ts';
import { Opened } from '../../core/opened.ts';
import type { Runtime } from '../../core/runtime.ts';
import type { Store } from '../../core/store.ts';

/** The peer's store, opened at the first use and again after a failure. */
export interface PeerConnection {
  readonly store: Store;
  readonly runtime: Runtime;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Opens nothing yet. */
export function connectTo(store: Store, runtime: Runtime): PeerConnection {
  const opened = new Opened(
    () => store.open({ runtime, lifecycle: new Lifecycle() }),
    () => store.close(),
  );
  return { store, runtime, open: () => opened.get(), close: () => opened.close() };
}
