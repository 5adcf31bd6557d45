import type { Contract } from '../../core/contract.ts';
import type { TransportBench } from './transport-bench.ts';

/** One test of the transport suite. */
export interface TransportCase {
  readonly name: string;
  /** Asked of the transport's contract; the case is left out where it promises nothing of the kind. @default every transport */
  needs?(contract: Contract): boolean;
  /** What the transport must have for the case. @default both */
  readonly sides?: 'subscriber' | 'none';
  run(bench: TransportBench): Promise<void>;
}
