import { Lifecycle } from '../../core/lifecycle.ts';
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
  let opened: Promise<void> | undefined;
  return {
    store,
    runtime,
    open: () => {
      opened ??= store.open({ runtime, lifecycle: new Lifecycle() }).catch((error) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    close: async () => {
      await opened?.catch(() => {});
      opened = undefined;
      await store.close();
    },
  };
}
