import type { Transport } from '../../core/transport.ts';

/** A transport under test, with what the suite needs around it. */
export interface TransportFixture {
  readonly transport: Transport;
  /** The topic of this test; nothing was published to it. */
  readonly topic: string;
  /** Puts bytes into the topic that no publisher of Semel's sent, with headers of the broker's; resolves with `false` where the broker itself refuses such bytes. Awaited. */
  inject(bytes: Uint8Array, headers?: Readonly<Record<string, string>>): unknown;
  /** A real broker: time cannot be played, so the cases wait, and what they wait for is short. @default time is played */
  readonly realTime?: RealTime;
  /** The broker dies and comes back with what it had; connections are cut. @default cannot be shown */
  restart?(): Promise<void>;
  close(): Promise<void>;
}

/** How long the suite waits at a real broker, in milliseconds. */
export interface RealTime {
  /** The lease that its feeds ask for. */
  readonly leaseMs: number;
  /** For what has to come. */
  readonly patienceMs: number;
  /** Until what has not come is taken not to come. */
  readonly quietMs: number;
}
