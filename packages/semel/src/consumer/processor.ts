import { type Delivery, identify, identitiesOf, type Process } from '../core/delivery.ts';
import { isSemelError, SemelError } from '../core/errors.ts';
import { Gate } from '../core/gate.ts';
import type { LifecycleEvent } from '../core/lifecycle.ts';
import { sameIdentity } from '../core/message.ts';
import { outcomeOf } from '../core/outcome-of.ts';
import type { Verdict } from '../core/store.ts';
import { isPause, isReject } from '../core/throwables.ts';
import { announce } from './announce.ts';
import { Call } from './call.ts';
import type { Consumer } from './consumer.ts';
import type { Engine } from './engine.ts';
import { SetFailure } from './failures.ts';
import { InsideRunner } from './inside.ts';
import { type Job, takeIn } from './intake.ts';
import { OutsideRunner } from './outside.ts';
import { Watchdog } from './watchdog.ts';

/**
 * The path of every delivery: taken in, grouped, committed, answered. All entrances call {@link Processor.process}:
 * a worker's loop, `semel.deliver`, a function's event, the prover.
 */
export class Processor<Tx = unknown> {
  readonly gate: Gate;
  readonly #engine: Engine<Tx>;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;
  readonly #parks: boolean;
  readonly #runner: InsideRunner<Tx> | OutsideRunner<Tx>;

  /** @param parks whether failed messages wait in the store's queue because their transport cannot delay or count */
  constructor(engine: Engine<Tx>, consumer: Consumer, parks: boolean) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#parks = parks;
    this.gate = new Gate(engine.runtime, consumer.policies.circuitBreaker);
    this.#watchdog = new Watchdog(consumer.policies.timeoutMs, engine.runtime);
    const Runner = consumer.guarantee === 'exactly-once' ? InsideRunner : OutsideRunner;
    this.#runner = new Runner(engine, consumer, this.#watchdog, parks);
  }

  /**
   * See {@link Process}. Never rejects: where the store is in trouble what is not committed is `released`, and the gate closes for a while.
   * An abort ends the running handlers of this call alone: their signals abort, and what they did is undone and given back.
   */
  readonly process: Process = async (deliveries, options = {}) => {
    const jobs = await this.#takeIn(deliveries);
    await this.#tell('received', deliveries);
    const call = new Call(options, this.#consumer.policies.ordered);
    const interrupt = () => this.#watchdog.endAll(new SemelError('handler-aborted', 'interrupted: its worker stops, or its lease or partition is another’s'), call);
    options.signal?.addEventListener('abort', interrupt, { once: true });
    try {
      await this.#processAll(jobs, call);
      return deliveries.map((delivery) => call.outcomes.get(delivery) ?? { kind: 'released' });
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
    }
  };

  async #processAll(jobs: readonly Job[], call: Call): Promise<void> {
    const groups = this.#groups(jobs);
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      if (call.mustStop(this.#engine.runtime.clock)) return;
      const due = await this.#holdBack(group, call);
      if (due.length === 0) continue;
      const admission = this.gate.admit();
      if (admission.kind === 'wait') return;
      call.probing = admission.kind === 'probe';
      if (call.probing) groups.unshift(due.splice(1));
      const again = await this.#commit(due, call);
      if (again === 'trouble') return;
      groups.unshift(...again);
    }
  }

  async #takeIn(deliveries: readonly Delivery[]): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    for (const delivery of deliveries) {
      const job = takeIn(this.#consumer, delivery, this.#engine.limits, this.#parks);
      const ready = job instanceof Promise ? await job : job;
      if (this.#engine.lifecycle.observed && ready.item.message !== undefined) identify(delivery, ready.item.message);
      jobs.push(ready);
    }
    return jobs;
  }

  /** Cuts jobs into groups, in order; a suspect is alone, so that a culprit takes no neighbour with it. */
  #groups(jobs: readonly Job[]): Job[][] {
    const { policies, guarantee } = this.#consumer;
    const max = guarantee === 'exactly-once' ? policies.groupMax : policies.concurrency;
    const groups: Job[][] = [];
    for (const job of jobs) {
      const last = groups.at(-1);
      const joins = last !== undefined && last.length < max && !runsAlone(job) && !runsAlone(last[0] as Job);
      if (joins) last.push(job);
      else groups.push([job]);
    }
    return groups;
  }

  /** Answers those whose key or partition was interrupted earlier in this call; gives the others. What is to be parked behind its key goes on to the store. */
  async #holdBack(group: readonly Job[], call: Call): Promise<Job[]> {
    const due: Job[] = [];
    for (const job of group) {
      const parked = call.stops.holding(job.item);
      if (parked === undefined || (parked && job.item.receipt.kind !== 'item')) due.push(job);
      else await this.#answer(job, { kind: 'held', parked: false }, call);
    }
    return due;
  }

  /** Commits a group; gives what of it is to be tried again at once. */
  async #commit(group: readonly Job[], call: Call): Promise<readonly Job[][] | 'trouble'> {
    try {
      const verdicts = await this.#runner.commit(group, call);
      this.gate.calm();
      return await this.#answerAll(group, verdicts, call);
    } catch (error) {
      await this.#tell('trouble', [], { error, afterMs: this.gate.trouble() });
      return 'trouble';
    }
  }

  /** Answers what is decided; gives what is not, in the groups in which it is to be tried next. */
  async #answerAll(group: readonly Job[], verdicts: readonly Verdict[], call: Call): Promise<readonly Job[][]> {
    const unbegun: Job[] = [];
    let split: SetFailure | undefined;
    for (const [index, job] of group.entries()) {
      const verdict = verdicts[index] ?? { kind: 'released' };
      const paused = this.#learn(verdict);
      if (paused !== undefined) await this.#tell('paused', [], paused);
      if (verdict.kind === 'released' && verdict.error instanceof SetFailure) split = verdict.error;
      if (isUnbegun(verdict)) {
        unbegun.push(job);
        continue;
      }
      const told = this.#answer(job, verdict, call);
      if (told !== undefined) await told;
    }
    if (split !== undefined) return parts(unbegun, split);
    if (unbegun.length === group.length) return this.#giveBack(unbegun, call);
    return unbegun.length === 0 ? [] : [unbegun];
  }

  /** Answers a group of which nothing was kept, for its commit was lost: what follows in its keys waits, also in the next group. */
  async #giveBack(group: readonly Job[], call: Call): Promise<readonly Job[][]> {
    for (const job of group) await this.#answer(job, { kind: 'released' }, call);
    return [];
  }

  #answer(job: Job, verdict: Verdict, call: Call): Promise<void> | undefined {
    const outcome = outcomeOf(verdict, job.item);
    call.answer(job.item, verdict, outcome);
    return this.#engine.lifecycle.observed ? announce(this.#engine.lifecycle, this.#consumer.name, job.item, verdict, outcome) : undefined;
  }

  /** Lets the gate know how it went; says why where that closed it. */
  #learn(verdict: Verdict): Pick<LifecycleEvent, 'error' | 'afterMs'> | undefined {
    if (verdict.kind === 'done') this.gate.succeeded();
    if (verdict.kind === 'failed' && !isFinal(verdict.error) && this.gate.failed()) return { error: verdict.error };
    if (verdict.kind !== 'released' || !isPause(verdict.error)) return undefined;
    const { afterMs } = verdict.error;
    this.gate.pause(afterMs);
    return { error: verdict.error, afterMs };
  }

  async #tell(type: LifecycleEvent['type'], deliveries: readonly Delivery[], more: Omit<LifecycleEvent, 'type'> = {}): Promise<void> {
    if (!this.#engine.lifecycle.observed) return;
    await this.#engine.lifecycle.emit({ type, consumer: this.#consumer.name, messages: identitiesOf(deliveries), ...more });
  }
}

/** Whether it may have ended its process; what is not run harms nobody. */
function runsAlone(job: Job): boolean {
  return job.item.delivery.suspect === true && !('refused' in job);
}

/** Whether no retry can mend it, so that it says nothing of an outage. */
function isFinal(error: unknown): boolean {
  return isReject(error) || (isSemelError(error) && !error.retryable);
}

/** Whether it is to be tried again at once: the budget was spent, or its set failed. */
function isUnbegun(verdict: Verdict): boolean {
  return verdict.kind === 'released' && (verdict.error === undefined || verdict.error instanceof SetFailure);
}

/** Without those that must not share a set with one that failed before them; otherwise the two halves, one of which holds the culprit. */
function parts(jobs: readonly Job[], { behind }: SetFailure): Job[][] {
  const waits = (job: Job) => !('refused' in job) && [...behind].some((message) => sameIdentity(message, job.message));
  const middle = jobs.length >> 1;
  const split = behind.size > 0 ? [jobs.filter((job) => !waits(job)), jobs.filter(waits)] : [jobs.slice(0, middle), jobs.slice(middle)];
  return split.filter((part) => part.length > 0);
}
