import type { StoreCapabilities } from '../../core/store.ts';
import type { StoreBench } from './store-bench.ts';

/** One test of the store suite. */
export interface StoreCase {
  readonly name: string;
  /** Asked of the store's capabilities; the case is left out where they lack it. @default every store */
  needs?(capabilities: StoreCapabilities): boolean;
  run(bench: StoreBench): Promise<void>;
}
