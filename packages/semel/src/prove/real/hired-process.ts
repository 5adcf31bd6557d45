import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Boundary, Fault } from '../once/fault.ts';
import type { Redeliveries } from '../once/redeliveries.ts';
import type { Moment } from '../once/trace.ts';
import { givenWords, idOf, outcomeWords, wordOf } from '../once/words.ts';
import type { Assignment, TrialWorker } from '../once/workforce.ts';
import { type Answer, type FromWorker, receivedError, type SentDelivery } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Where processes come from. */
export interface Roster {
  /** How many steps the messages of a trial take where nothing goes wrong. */
  readonly typicalSteps: number;
  take(): Promise<WorkerProcess>;
  /** @param steps that it took, where nothing befell it */
  giveBack(process: WorkerProcess, steps?: number): void;
}

/** How a process is treated. */
export interface HireOptions {
  readonly roster: Roster;
  /** Whether it is to handle without an inbox. */
  readonly isControl: boolean;
  /** How long it stays stopped at the least. */
  readonly leaseMs: number;
  /** A process that gives no sign of life for this long is killed. */
  readonly limitMs: number;
}

/** A process that handles the messages of one trial, once; killed or stopped where its fault says. */
export class HiredProcess<Tx> implements TrialWorker {
  struck = false;
  readonly stalled: Promise<void>;
  readonly #assignment: Assignment<Tx>;
  readonly #options: HireOptions;
  /** Answered so far, of those that it was given. */
  #answered = 0;
  #given: readonly Delivery[] = [];
  #stalls: () => void = () => {};
  #goOn: () => void = () => {};
  #isOver: () => void = () => {};
  #killed = false;
  #through = false;
  #steps = 0;

  constructor(assignment: Assignment<Tx>, options: HireOptions) {
    this.#assignment = assignment;
    this.#options = options;
    this.stalled = new Promise((resolve) => {
      this.#stalls = resolve;
    });
  }

  async handle(deliveries: readonly Delivery[], broker: Redeliveries): Promise<void> {
    const { roster, isControl, limitMs } = this.#options;
    const { trace, number, trial, fault } = this.#assignment;
    const process = await roster.take();
    const over = new Promise<void>((resolve) => {
      this.#isOver = resolve;
    });
    const alarm = setTimeout(() => this.#kill(process, `because it gave no sign of life for ${limitMs} ms`), limitMs);
    this.#given = deliveries;
    trace.tell(givenWords(number, deliveries));
    this.#note(process, 'given', { ids: deliveries.map(idOf) });
    process.hear = (message) => {
      alarm.refresh();
      this.#hear(process, message, broker);
    };
    void process.ended.then((how) => this.#ended(process, how));
    process.say({ kind: 'handle', trial, control: isControl, deliveries: deliveries.map(sentDelivery), ...standAt(fault) });
    this.#strikeOnTheWay(process);
    await over;
    clearTimeout(alarm);
    process.hear = () => {};
    this.#through = true;
    roster.giveBack(process, fault === undefined && !isControl ? this.#steps : undefined);
  }

  wake(): void {
    this.#goOn();
  }

  #hear(process: WorkerProcess, message: FromWorker, broker: Redeliveries): void {
    if (message.kind === 'settled') this.#settled(process, message.answers, broker);
    if (message.kind === 'reached') this.#reached(process, message);
    this.#strikeOnTheWay(process);
  }

  #settled(process: WorkerProcess, answers: readonly Answer[], broker: Redeliveries): void {
    const { trace, number } = this.#assignment;
    const deliveries = answers.map((answer) => this.#given[answer.number] as Delivery);
    const outcomes = answers.map(outcomeOf);
    trace.tell(outcomeWords(number, deliveries, outcomes));
    this.#note(process, 'answered', { ids: deliveries.map(idOf) });
    broker.settle(deliveries, outcomes);
    this.#answered += answers.length;
  }

  #reached(process: WorkerProcess, { at, ids, stands, error }: Extract<FromWorker, { readonly kind: 'reached' }>): void {
    const { trace, number, fault } = this.#assignment;
    if (error !== undefined) trace.errors.push(receivedError(error));
    trace.boundaries.add(at);
    this.#note(process, 'reached', { at, ids });
    this.#steps += 1;
    if (at === 'handling') trace.tell(`worker ${number} calls the handler for ${ids.join(', ')}`);
    if (!stands) return this.#perhapsOver(at);
    const where = wordOf(at as Boundary);
    if (fault?.kind === 'stall') void this.#stop(process, at, where);
    else this.#strike(process, where);
  }

  /** It is through with all that it was given, and has said so. */
  #perhapsOver(at: string): void {
    if (at === 'settled' && this.#answered >= this.#given.length) this.#isOver();
  }

  async #stop(process: WorkerProcess, at: string, where: string): Promise<void> {
    const { trace, number } = this.#assignment;
    process.stop();
    this.struck = true;
    trace.tell(`worker ${number} is stopped (SIGSTOP) ${where}, until its lease is over`);
    this.#note(process, 'stopped');
    this.#goOn = () => {
      trace.tell(`worker ${number} goes on (SIGCONT)`);
      this.#note(process, 'continued');
      process.resume();
      process.say({ kind: 'go' });
      this.#perhapsOver(at);
    };
    await sleep(this.#options.leaseMs);
    this.#stalls();
  }

  /** It does not wait there: it is somewhere beyond that step when the signal arrives. */
  #strikeOnTheWay(process: WorkerProcess): void {
    const { fault } = this.#assignment;
    if (fault === undefined || !('moment' in fault.at) || this.struck) return;
    if (this.#steps >= Math.floor(fault.at.moment * this.#options.roster.typicalSteps)) this.#strike(process, `at a moment after step ${this.#steps}`);
  }

  #strike(process: WorkerProcess, where: string): void {
    this.struck = true;
    this.#kill(process, where);
  }

  #kill(process: WorkerProcess, where: string): void {
    const { trace, number } = this.#assignment;
    trace.tell(`worker ${number} is killed (SIGKILL) ${where}; what it has not committed is gone`);
    this.#note(process, 'killed');
    this.#killed = true;
    process.kill();
  }

  #ended(process: WorkerProcess, how: string): void {
    if (this.#through) return;
    if (!this.#killed) {
      this.#assignment.trace.tell(`worker ${this.#assignment.number} ended by itself: ${how}`);
      this.#note(process, 'ended');
    }
    this.#isOver();
  }

  #note(process: WorkerProcess, what: Moment['what'], about: Pick<Moment, 'at' | 'ids'> = {}): void {
    this.#assignment.trace.note({ worker: this.#assignment.number, pid: process.pid, what, ...about });
  }
}

function sentDelivery({ content, attempt }: Delivery, number: number): SentDelivery {
  const { message, json, fingerprint } = content as SealedMessage; // as the proof's broker makes them
  return { number, attempt, message, json, fingerprint };
}

function standAt(fault: Fault | undefined): { readonly standAt?: Boundary } {
  return fault !== undefined && 'boundary' in fault.at ? { standAt: fault.at.boundary } : {};
}

function outcomeOf({ kind, reason = '', error }: Answer): Outcome {
  if (kind === 'dead') return { kind, reason };
  return kind === 'retry' ? { kind, afterMs: 0, error: error === undefined ? undefined : receivedError(error) } : { kind };
}
