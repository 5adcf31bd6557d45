import type { Consumer } from '../../consumer/consumer.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { ProofBench } from './bench.ts';
import type { Fault } from './fault.ts';
import { Redeliveries } from './redeliveries.ts';
import { changeOf, describeTally, type Tally } from './tally.ts';
import { Trace } from './trace.ts';
import type { TrialWorker } from './workforce.ts';

/** Rounds of redelivery until a message that is not through counts as stuck. */
const MOST_ROUNDS = 10;

/** How a trial runs. */
export interface TrialOptions {
  /** Instead of the user's consumer. */
  readonly consumer?: Consumer;
  /** Which of the messages. @default all */
  readonly only?: (message: SealedMessage, index: number) => boolean;
  /** Whether `tx` is watched. */
  readonly watching?: boolean;
}

/** What a trial left. */
export interface Findings {
  readonly messages: readonly SealedMessage[];
  readonly trace: Trace;
  /** By how much the effects changed. */
  readonly change: Tally;
  readonly published: Tally;
  readonly records: ReadonlyMap<SealedMessage, 'done' | 'dead' | 'absent'>;
  readonly outcomes: ReadonlyMap<SealedMessage, Outcome | undefined>;
}

/** What was there when a worker had been struck, before anybody else did anything. */
export interface Aftermath {
  readonly change: Tally;
  /** Whether a transaction of a worker was committed by then. */
  readonly committed: boolean;
}

/** Messages, the broker that brings them, and the workers that handle them, one after another or at once. */
export class Trial<Tx> {
  readonly trace: Trace = new Trace();
  readonly broker: Redeliveries;
  readonly messages: readonly SealedMessage[];
  readonly #bench: ProofBench<Tx>;
  readonly #number: number;
  readonly #before: Tally;
  readonly #options: TrialOptions;
  #workers = 0;

  private constructor(bench: ProofBench<Tx>, number: number, messages: readonly SealedMessage[], before: Tally, options: TrialOptions) {
    this.#bench = bench;
    this.#number = number;
    this.#before = before;
    this.#options = options;
    this.messages = messages;
    this.broker = new Redeliveries(messages);
  }

  static async begin<Tx>(bench: ProofBench<Tx>, options: TrialOptions = {}): Promise<Trial<Tx>> {
    const number = await bench.begin();
    const messages = (await bench.sealed(number)).filter(options.only ?? (() => true));
    return new Trial(bench, number, messages, await bench.effects(), options);
  }

  /** A new process. */
  worker(fault?: Fault): TrialWorker {
    const { consumer = this.#bench.consumer, watching = false } = this.#options;
    const { workforce, settings } = this.#bench;
    const number = ++this.#workers;
    const store = settings.stores[(number + 1) % 2] as (typeof settings.stores)[0];
    return workforce.hire({ trial: this.#number, number, store, consumer, trace: this.trace, fault, watching });
  }

  /** A worker handles these, with what befalls it. */
  async handle(deliveries: readonly Delivery[], fault?: Fault): Promise<TrialWorker> {
    const worker = this.worker(fault);
    await worker.handle(deliveries, this.broker);
    return worker;
  }

  /** Two workers handle the same messages at once. */
  async handleAtOnce(): Promise<void> {
    await Promise.all([this.handle(this.broker.all()), this.handle(this.broker.all())]);
  }

  /** A worker stands still in the midst of it; another is given the same messages; then the first one goes on. */
  async handleStalled(fault: Fault): Promise<TrialWorker> {
    const first = this.worker(fault);
    const over = first.handle(this.broker.all(), this.broker);
    await Promise.race([first.stalled, over]);
    const successor = this.handle(this.broker.all());
    await Promise.race([successor, this.#bench.engine.runtime.scheduler.sleep(this.#bench.workforce.patienceMs)]);
    first.wake();
    await Promise.all([over, successor]);
    return first;
  }

  /** What is there now. */
  async aftermath(): Promise<Aftermath> {
    const change = changeOf(this.#before, await this.#bench.effects());
    this.trace.tell(`the effects now: ${describeTally(change)}`);
    return { change, committed: this.trace.boundaries.has('committed') };
  }

  /** Nothing goes wrong any more: what was not acknowledged comes again, each time to another worker, and in the end everything once more. */
  async heal(lasting?: Fault): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS && this.broker.pending().length > 0; round++) await this.handle(this.broker.pending(), lasting);
    this.trace.tell('the broker delivers everything once more, though it was acknowledged');
    await this.handle(this.broker.all(), lasting);
  }

  /** What it left. */
  async findings(): Promise<Findings> {
    const { change } = await this.aftermath();
    const published = await this.#bench.published(this.#number);
    const records = await this.#bench.records(this.messages);
    const outcomes = new Map(this.messages.map((sealed) => [sealed, this.broker.outcomeOf(sealed)]));
    return { messages: this.messages, trace: this.trace, change, published, records, outcomes };
  }
}
