import type { Contract } from '../../core/contract.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Transport } from '../../core/transport.ts';
import { type Powers, powersOf } from './powers.ts';
import { SimulatedLog } from './simulated-log.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import { SimulatedSink } from './simulated-sink.ts';
import type { Party, Surroundings } from './surroundings.ts';

/** A broker learns only then that a frozen receiver is gone. */
const SILENCE_MS = 1_000;

/** What there is around the workers. */
export interface AdversaryOptions {
  /** Of the broker that messages come from; absent where they come from the store. */
  readonly contract?: Contract;
  /** Of a log. */
  readonly partitions: number;
  /** Whether there is a sink that an outbox is relayed to. */
  readonly hasSink: boolean;
  readonly keepsKeyOrder: boolean;
}

/** Plays the broker that messages come from, and the sink that they go to: does whatever their contracts allow, when it is told to. */
export class Adversary {
  readonly sink: SimulatedSink | undefined;
  readonly #powers: Powers | undefined;
  readonly #queue: SimulatedQueue | undefined;
  readonly #log: SimulatedLog | undefined;
  readonly #around: Surroundings;

  constructor({ contract, partitions, hasSink, keepsKeyOrder }: AdversaryOptions, around: Surroundings) {
    this.#around = around;
    this.#powers = contract && powersOf(contract);
    if (contract?.settlement.value === 'one-by-one') this.#queue = new SimulatedQueue(contract, around);
    if (contract?.settlement.value === 'position') this.#log = new SimulatedLog(contract, around, partitions);
    if (hasSink) this.sink = new SimulatedSink(around, keepsKeyOrder);
  }

  /** What one worker subscribes to; undefined where messages come from the store. */
  brokerFor(party: Party): Transport | undefined {
    return this.#queue?.transportFor(party) ?? this.#log?.transportFor(party);
  }

  /** Messages that the broker still has to settle one by one. */
  get outstanding(): number {
    return this.#queue?.outstanding ?? 0;
  }

  /** Whether a message may come again. */
  get repeats(): boolean {
    return this.#powers?.repeats === true;
  }

  get canRebalance(): boolean {
    return this.#powers?.rebalances === true && (this.#log?.members ?? 0) > 1;
  }

  canDisconnect(party: Party): boolean {
    return this.#powers?.disconnects === true && this.#queue?.hasInHand(party) === true;
  }

  /** Whether what a worker has in hand is acknowledged in a way that can get lost. */
  canLoseAcks(party: Party): boolean {
    return this.#powers?.losesAcknowledgements === true && this.#queue?.hasInHand(party) === true;
  }

  put(sealed: SealedMessage): void {
    this.#queue?.put(sealed);
    this.#log?.put(sealed);
  }

  /** The message once more, as one that was delivered before. */
  repeat(sealed: SealedMessage): void {
    this.#queue?.put(sealed, true);
    this.#log?.put(sealed);
  }

  rebalance(): void {
    this.#log?.rebalance();
  }

  disconnect(party: Party): void {
    this.#queue?.disconnect(party);
  }

  /** The acknowledgements that a worker sends next do not arrive. */
  loseAcks(party: Party): void {
    this.#queue?.loseAcks(party);
  }

  /** A connection ends with its process; a lease and a session take their time. */
  died(party: Party): void {
    if (this.#powers?.takesBack === 'connection') this.#queue?.disconnect(party);
    this.#log?.silence(party);
  }

  froze(party: Party): void {
    this.#log?.silence(party);
    if (this.#powers?.takesBack !== 'connection') return;
    this.#around.after(SILENCE_MS, () => {
      if (party.state === 'frozen') this.#queue?.disconnect(party);
    });
  }

  woke(party: Party): void {
    this.#queue?.ring();
    this.#log?.heardOf(party);
    this.#log?.ring();
  }
}
