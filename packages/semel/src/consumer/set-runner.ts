import type { Message } from '../core/message.ts';
import type { ItemResult, Scope, Work, WorkItem } from '../core/store.ts';
import { announced } from './announce.ts';
import type { Consumer } from './consumer.ts';
import type { Bounds, Engine } from './engine.ts';
import { SetFailure } from './failures.ts';
import { setContext } from './handler-context.ts';
import type { Job } from './intake.ts';
import type { Watchdog } from './watchdog.ts';

/** One call of a set handler for all fresh messages of a group. */
export class SetRunner<Tx> {
  readonly #engine: Engine<Tx>;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;

  constructor(engine: Engine<Tx>, consumer: Consumer, watchdog: Watchdog) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#watchdog = watchdog;
  }

  work(jobs: readonly Job[], bounds: Bounds): Work<Tx> {
    const byItem = new Map(jobs.map((job) => [job.item, job]));
    let runs = 0;
    return { items: jobs.map((job) => job.item), run: async (scope, fresh) => this.#run(scope, await accepted(fresh, byItem, runs++ > 0), fresh, byItem, bounds) };
  }

  async #run(
    scope: Scope<Tx>,
    messages: ReadonlyMap<WorkItem, Message>,
    fresh: readonly WorkItem[],
    jobs: ReadonlyMap<WorkItem, Job>,
    bounds: Bounds,
  ): Promise<readonly ItemResult[]> {
    const failed = new Map<Message, unknown>();
    if (messages.size > 0) await this.#call(scope, [...messages.values()], failed, bounds);
    const results = fresh.map((item): ItemResult => {
      const message = messages.get(item);
      if (message === undefined) return { ok: false, error: (jobs.get(item) as { readonly refused: unknown }).refused };
      return failed.has(message) ? { ok: false, error: failed.get(message) } : { ok: true };
    });
    const behind = this.#behindFailures(fresh, results);
    if (behind.size > 0) throw new SetFailure(behind);
    return results;
  }

  async #call(scope: Scope<Tx>, messages: readonly Message[], failed: Map<Message, unknown>, bounds: Bounds): Promise<void> {
    const call = () => this.#watchdog.watch(bounds, (invocation) => this.#consumer.handler(setContext(this.#engine, this.#consumer, scope, messages, invocation, failed)));
    try {
      await announced(this.#engine.lifecycle, this.#consumer.name, messages, call);
    } catch (error) {
      throw messages.length > 1 ? new SetFailure() : error;
    }
  }

  /** Messages that the handler took although an earlier one of their key failed: they have to wait for it, so the set runs again without them. */
  #behindFailures(fresh: readonly WorkItem[], results: readonly ItemResult[]): ReadonlySet<Message> {
    const behind = new Set<Message>();
    if (!this.#consumer.policies.ordered) return behind;
    const stopped = new Set<string>();
    for (const [index, { message }] of fresh.entries()) {
      if (message?.key === undefined) continue;
      if (results[index]?.ok === false) stopped.add(message.key);
      else if (stopped.has(message.key)) behind.add(message);
    }
    return behind;
  }
}

/** The messages of the items that were not refused; made anew where the handler had them before. */
async function accepted(fresh: readonly WorkItem[], jobs: ReadonlyMap<WorkItem, Job>, again: boolean): Promise<ReadonlyMap<WorkItem, Message>> {
  const messages = new Map<WorkItem, Message>();
  for (const item of fresh) {
    const job = jobs.get(item);
    if (job !== undefined && !('refused' in job)) messages.set(item, again ? await job.again() : job.message);
  }
  return messages;
}
