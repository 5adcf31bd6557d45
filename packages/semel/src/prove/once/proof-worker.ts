import type { Consumer } from '../../consumer/consumer.ts';
import { Processor } from '../../consumer/processor.ts';
import type { Delivery } from '../../core/delivery.ts';
import { SemelError } from '../../core/errors.ts';
import type { LifecycleEvent } from '../../core/lifecycle.ts';
import type { Scope } from '../../core/store.ts';
import { callSite } from './call-site.ts';
import { type Boundary, type Fault, type Place, strikes } from './fault.ts';
import type { Redeliveries } from './redeliveries.ts';
import { storeThrough } from './store-through.ts';
import type { Subject } from './subject.ts';
import { watchedContext } from './watched-context.ts';
import { type Watcher, watchedTransaction } from './watched-transaction.ts';
import { givenWords, outcomeWords, wordOf } from './words.ts';
import type { Assignment, TrialWorker } from './workforce.ts';

/** One process, as far as its death concerns anybody: what it had not committed is rolled back, and nothing of it goes on. */
export class ProofWorker<Tx> implements TrialWorker {
  /** The fault has struck. */
  struck = false;
  /** It died. */
  dead = false;
  readonly #subject: Subject<Tx>;
  readonly #parts: Assignment<Tx>;
  #points = 0;
  #stalls: () => void = () => {};
  #goOn: () => void = () => {};
  /** Resolves when it stands still. */
  readonly stalled: Promise<void>;

  constructor(subject: Subject<Tx>, parts: Assignment<Tx>) {
    this.#subject = subject;
    this.#parts = parts;
    this.stalled = new Promise((resolve) => {
      this.#stalls = resolve;
    });
  }

  /** Handles what the broker gives, and acknowledges it; ends early where it dies. */
  async handle(deliveries: readonly Delivery[], broker: Redeliveries): Promise<void> {
    const { store, consumer, trace, number } = this.#parts;
    const { engine, lifecycle } = this.#subject;
    const processor = new Processor({ ...engine, store: storeThrough(store, (scope) => this.#watched(scope)) }, this.#watchedConsumer(), false);
    const about = { consumer: consumer.name };
    trace.tell(givenWords(number, deliveries));
    await lifecycle.as(this, async () => {
      try {
        const outcomes = await processor.process(deliveries);
        if (this.dead) return;
        trace.tell(outcomeWords(number, deliveries, outcomes));
        await lifecycle.emit({ type: 'settling', ...about });
        broker.settle(deliveries, outcomes);
        await lifecycle.emit({ type: 'settled', ...about });
      } catch (error) {
        if (!this.dead) throw error;
      }
    });
  }

  /** Lets it go on where it stands still. */
  wake(): void {
    this.#goOn();
  }

  /** At every event of its own; a throw there takes the transaction with it. */
  async reach({ type, messages = [], error }: LifecycleEvent): Promise<void> {
    if (this.dead) throw death();
    const { trace, fault, number } = this.#parts;
    if (error !== undefined) trace.errors.push(error);
    trace.boundaries.add(type);
    if (type === 'handling') trace.tell(`worker ${number} calls the handler for ${messages.map(({ id }) => id).join(', ')}`);
    if (!this.#isStruck({ boundary: type as Boundary }, messages)) return;
    this.struck = true;
    if (fault?.kind === 'stall') await this.#stall(type as Boundary);
    else this.#strike(fault as Fault, wordOf(type as Boundary));
  }

  async #stall(boundary: Boundary): Promise<void> {
    const { trace, number } = this.#parts;
    trace.tell(`worker ${number} stands still ${wordOf(boundary)}`);
    const over = new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    this.#stalls();
    await over;
    trace.tell(`worker ${number} goes on`);
  }

  #isStruck(place: Place, messages: readonly { readonly id: string }[]): boolean {
    const { fault } = this.#parts;
    if (fault === undefined || !strikes(fault, place)) return false;
    return fault.poison === undefined ? !this.struck : messages.some(({ id }) => id === fault.poison);
  }

  #strike({ kind }: Fault, where: string): never {
    const { trace, number } = this.#parts;
    if (kind === 'throw') {
      trace.tell(`an error is thrown ${where}`);
      throw new Error(`thrown by proveOnce, ${where}`);
    }
    if (kind === 'lost-reply') {
      trace.tell(`worker ${number} gets no answer to COMMIT, ${where}`);
      throw new SemelError('commit-unknown', 'proveOnce: the answer to COMMIT is lost');
    }
    trace.tell(`worker ${number} dies ${where}; what it has not committed is gone`);
    this.dead = true;
    throw death();
  }

  #watchedConsumer(): Consumer {
    const { consumer, watching, trace } = this.#parts;
    if (!watching) return consumer;
    const entered = (site: string) => {
      trace.entry ??= site;
    };
    return { ...consumer, handler: (context: object) => consumer.handler(watchedContext(context, entered)) };
  }

  #watched(scope: Scope<Tx>): Scope<Tx> {
    const { watching, trace, trial } = this.#parts;
    const run = ++trace.runs;
    const tx = watching ? watchedTransaction(scope.tx, this.#watcher) : scope.tx;
    const stage: Scope<Tx>['stage'] = async (sealed, options) => {
      if (watching) this.#pass('publish', 'publish', undefined);
      const { topic, id, headers } = sealed.message;
      trace.publications.push({ run, cause: headers['causationid'] ?? '', topic, id, site: callSite() });
      await scope.stage(this.#subject.own(sealed, trial), options);
    };
    return { tx, stage };
  }

  readonly #watcher: Watcher = {
    use: (method, text) => this.#pass('statement', method, text),
    fail: (method, call) => {
      if (method === 'query') return call(`select '${REFUSED}'::integer`);
      throw new Error(REFUSED);
    },
  };

  /** Before a use of `tx` or `publish`. */
  #pass(what: 'statement' | 'publish', method: string, text: string | undefined): 'go' | 'fail' {
    if (this.dead) throw death();
    this.#points += 1;
    const { trace, fault, number } = this.#parts;
    const point = { number: this.#points, what, method, site: callSite() };
    trace.points.push(point);
    if (fault === undefined || !this.#isStruck({ point: point.number }, [])) return 'go';
    this.struck = true;
    const where = `before ${text === undefined ? `${method}()` : `“${shortened(text)}”`}${point.site === undefined ? '' : ` (${point.site})`}`;
    if (fault.kind === 'throw' && what === 'statement' && this.#subject.abortsOnError) {
      trace.tell(`worker ${number}: a statement fails in place of “${shortened(text ?? method)}”${point.site === undefined ? '' : ` (${point.site})`}`);
      return 'fail';
    }
    return this.#strike(fault, where);
  }
}

/** What a statement fails with on a server that ends the transaction for it. */
const REFUSED = 'thrown by proveOnce';
const MOST_LETTERS = 60;

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS - 1)}…` : line;
}

/** As the store speaks when its connection is gone: no message is to blame. */
function death(): SemelError {
  return new SemelError('store-unavailable', 'proveOnce: this worker is dead');
}
