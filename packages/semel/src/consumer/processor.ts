import { type Delivery, identitiesOf, type Outcome, type Process, type ProcessOptions } from '../core/delivery.ts';
import { SemelError } from '../core/errors.ts';
import { Gate } from '../core/gate.ts';
import type { LifecycleEvent } from '../core/lifecycle.ts';
import { outcomeOf } from '../core/outcome-of.ts';
import type { Verdict } from '../core/store.ts';
import { isPause } from '../core/throwables.ts';
import { announce } from './announce.ts';
import type { Consumer } from './consumer.ts';
import type { Bounds, Engine } from './engine.ts';
import { SetFailure } from './failures.ts';
import { InsideRunner } from './inside.ts';
import { type Job, takeIn } from './intake.ts';
import { OutsideRunner } from './outside.ts';
import { Watchdog } from './watchdog.ts';

const NEVER: AbortSignal = new AbortController().signal;

/**
 * The path of every delivery: taken in, grouped, committed, answered. All entrances call {@link Processor.process}:
 * a worker's loop, `semel.deliver`, a function's event, the prover.
 */
export class Processor<Tx = unknown> {
  readonly gate: Gate;
  readonly #engine: Engine<Tx>;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;
  readonly #runner: InsideRunner<Tx> | OutsideRunner<Tx>;

  /** @param parks whether failed messages wait in the store's queue because their transport cannot delay or count */
  constructor(engine: Engine<Tx>, consumer: Consumer, parks: boolean) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.gate = new Gate(engine.runtime, consumer.policies.circuitBreaker);
    this.#watchdog = new Watchdog(consumer.policies.timeoutMs, engine.runtime);
    const Runner = consumer.guarantee === 'exactly-once' ? InsideRunner : OutsideRunner;
    this.#runner = new Runner(engine, consumer, this.#watchdog, parks);
  }

  /** See {@link Process}. Never rejects: where the store is in trouble what is not committed is `released`, and the gate closes for a while. */
  readonly process: Process = async (deliveries, options = {}) => {
    await this.#tell('received', deliveries);
    const onAbort = () => this.interrupt('the worker stops');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#processAll(deliveries, options);
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
    }
  };

  /** Ends the running handlers: their signals abort, and what they did is undone and given back. */
  interrupt(why: string): void {
    this.#watchdog.endAll(new SemelError('handler-aborted', `the handler was interrupted: ${why}`));
  }

  async #processAll(deliveries: readonly Delivery[], options: ProcessOptions): Promise<readonly Outcome[]> {
    const outcomes = new Map<Delivery, Outcome>();
    const groups = this.#groups(await this.#takeIn(deliveries));
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      if (this.#mustStop(options)) break;
      const admission = this.gate.admit();
      if (admission.kind === 'wait') break;
      const probing = admission.kind === 'probe';
      if (probing) groups.unshift(group.splice(1));
      if (group.length === 0) continue;
      const again = await this.#commit(group, { signal: options.signal ?? NEVER, probing }, outcomes);
      if (again === 'trouble') break;
      groups.unshift(...again);
    }
    return deliveries.map((delivery) => outcomes.get(delivery) ?? { kind: 'released' });
  }

  #mustStop({ signal, deadlineMs }: ProcessOptions): boolean {
    return signal?.aborted === true || (deadlineMs !== undefined && this.#engine.runtime.clock.now() >= deadlineMs);
  }

  async #takeIn(deliveries: readonly Delivery[]): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    for (const delivery of deliveries) {
      const job = takeIn(this.#consumer, delivery, this.#engine.limits);
      jobs.push(job instanceof Promise ? await job : job);
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
      const joins = last !== undefined && last.length < max && !job.item.delivery.suspect && !last[0]?.item.delivery.suspect;
      if (joins) last.push(job);
      else groups.push([job]);
    }
    return groups;
  }

  /** Commits a group; gives what of it is to be tried again at once. */
  async #commit(group: readonly Job[], bounds: Bounds, outcomes: Map<Delivery, Outcome>): Promise<readonly Job[][] | 'trouble'> {
    let verdicts: readonly Verdict[];
    try {
      verdicts = await this.#runner.commit(group, bounds);
      this.gate.calm();
    } catch (error) {
      await this.#tell('trouble', [], { error, afterMs: this.gate.trouble() });
      return 'trouble';
    }
    const unbegun: Job[] = [];
    let split = false;
    for (const [index, job] of group.entries()) {
      const verdict = verdicts[index] ?? { kind: 'released' };
      const paused = this.#learn(verdict);
      if (paused !== undefined) await this.#tell('paused', [], paused);
      if (verdict.kind === 'released' && (verdict.error === undefined || verdict.error instanceof SetFailure)) {
        split ||= verdict.error !== undefined;
        unbegun.push(job);
        continue;
      }
      const outcome = outcomeOf(verdict, job.item);
      outcomes.set(job.item.delivery, outcome);
      if (this.#engine.lifecycle.observed) await announce(this.#engine.lifecycle, this.#consumer.name, job.item, verdict, outcome);
    }
    if (split) return halves(unbegun);
    return unbegun.length === 0 || unbegun.length === group.length ? [] : [unbegun];
  }

  /** Lets the gate know how it went; says why where that closed it. */
  #learn(verdict: Verdict): Pick<LifecycleEvent, 'error' | 'afterMs'> | undefined {
    if (verdict.kind === 'done') this.gate.succeeded();
    if (verdict.kind === 'failed' && this.gate.failed()) return { error: verdict.error };
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

function halves(jobs: readonly Job[]): Job[][] {
  const middle = jobs.length >> 1;
  return [jobs.slice(0, middle), jobs.slice(middle)].filter((half) => half.length > 0);
}
