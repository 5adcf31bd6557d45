import type { ClientBench } from './client-bench.ts';

/** One promise that every client library's adapter keeps. */
export interface ClientCase {
  readonly name: string;
  /** Whether the library can do what this is about. @default it can */
  readonly needs?: (bench: ClientBench) => boolean;
  run(bench: ClientBench): Promise<void>;
}
