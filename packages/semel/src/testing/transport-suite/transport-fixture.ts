import type { Transport } from '../../core/transport.ts';

/** A transport under test, with what the suite needs around it. */
export interface TransportFixture {
  readonly transport: Transport;
  /** The topic of this test; nothing was published to it. */
  readonly topic: string;
  /** Puts bytes into the topic that no publisher of Semel's sent. */
  inject(bytes: Uint8Array): void | Promise<void>;
  /** Real time after which a receive that brings nothing is given up, in milliseconds. @default 100 */
  readonly patienceMs?: number;
  /** Lets time pass at the broker, where it does not go by the runtime that the suite gives. @default nothing */
  pass?(ms: number): Promise<void>;
  close(): Promise<void>;
}
