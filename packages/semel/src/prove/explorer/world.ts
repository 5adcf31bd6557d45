import type { Semel } from '../../semel.ts';
import { MemoryState } from '../../testing/models/memory-state.ts';
import type { MemoryTransaction } from '../../testing/models/memory-transaction.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { Adversary } from '../adversary/adversary.ts';
import { Ownership, SimulatedStore } from '../adversary/simulated-store.ts';
import type { Recording, Surroundings } from '../adversary/surroundings.ts';
import type { Effect, Entry, Happening, PlannedMessage } from '../history.ts';
import type { Action } from './action.ts';
import { isComplete, keeps } from './completion.ts';
import { type Footprint, SHARED, Tracks, WHOLE } from './footprint.ts';
import { movesOf } from './moves.ts';
import { quiet } from './quiet.ts';
import type { Scenario } from './scenario.ts';
import { type HandlerFault, LEASE_MS, place, type ShopFloor, sealedOrder, shopOf } from './shop.ts';
import { VirtualTime } from './virtual-time.ts';
import { type Hold, WorkerProcess } from './worker-process.ts';

/** How long a process may stand still: beyond the end of every lease and session. */
const STANDS_MS = 2.5 * LEASE_MS;
const NAMES = 'abcdefgh';
const PARTITIONS = 4;

/** A process with what it runs. */
interface Life {
  readonly process: WorkerProcess;
  readonly store: SimulatedStore;
}

/** Everything of one run: workers of the real engine on a simulated store, broker and sink, on virtual time. Moves only by {@link World.take}. */
export class World implements ShopFloor {
  readonly scenario: Scenario;
  readonly state: MemoryState = new MemoryState();
  readonly entries: Entry[] = [];
  readonly outside: Effect[] = [];
  readonly time: VirtualTime = new VirtualTime();
  readonly tracks: Tracks = new Tracks();
  /** Set where the engine did what it must never do, so that the run cannot go on. */
  broken: unknown;
  ended = false;
  readonly adversary: Adversary;
  readonly #around: Surroundings;
  readonly #ownership = new Ownership();
  readonly #lives: Life[] = [];
  readonly #fingerprints = new Map<string, string>();
  readonly #killers: ReadonlySet<string>;
  readonly #accepted: PlannedMessage[] = [];
  #producer: Life | undefined;
  /** How many of the producer's transactions were begun. */
  published = 0;
  #handlerFault: HandlerFault | undefined;
  #runs = 0;
  #faultsLeft: number;

  constructor(scenario: Scenario, recorded?: Recording) {
    const random = seededRandom(scenario.seed ^ 0x5eed);
    this.scenario = scenario;
    this.#faultsLeft = scenario.faults;
    this.#killers = new Set(scenario.messages.filter(({ nature }) => nature === 'killer').map(({ id }) => id));
    const { time, tracks } = this;
    this.#around = {
      get nowMs() {
        return time.nowMs;
      },
      after: (ms, callback) => time.after(ALWAYS_UP, ms, callback),
      random,
      read: (bits) => tracks.read(bits),
      write: (bits) => tracks.write(bits),
      note: (who, what) => this.note(who, what),
      keeps: (id) => keeps(this, id),
      ...(recorded && { recorded }),
    };
    const { source, relays, messages } = scenario;
    this.adversary = new Adversary({ ...scenario, partitions: messages.length === 1 ? 1 : PARTITIONS, hasSink: relays || source === 'outbox' }, this.#around);
  }

  /** Puts the messages where they come from, and starts the workers. */
  async begin(): Promise<void> {
    const setUp = new WorkerProcess('setup', 11, 1, this.#processSurroundings);
    setUp.observe = () => {};
    const shop = this.#shopOf({ process: setUp, store: this.#storeOf(setUp) });
    await shop.open();
    const { messages, producer, source } = this.scenario;
    for (const message of producer ? [] : messages) await this.#accept(shop, message);
    if (source === 'local' || source === 'outbox') await place(shop, source, GHOST, () => Promise.reject(new Error('undone'))).catch(() => {});
    for (let index = 0; index < this.scenario.workers; index++) this.#start(index, 1);
    if (producer) this.#startProducer(1);
    await this.rest();
    this.tracks.take();
  }

  note(who: string, what: Happening): void {
    this.entries.push({ atMs: this.time.nowMs - this.time.startMs, who, ...what });
  }

  nextRun(): string {
    return `run ${++this.#runs}`;
  }

  takeHandlerFault(): HandlerFault | undefined {
    const fault = this.#handlerFault;
    this.#handlerFault = undefined;
    return fault;
  }

  threw({ label }: WorkerProcess, id: string, run: string): void {
    this.note(label, { kind: 'threw', id, run });
  }

  /** Messages that were accepted, in their order. */
  get accepted(): readonly PlannedMessage[] {
    if (!this.scenario.producer) return this.#accepted;
    const placed = new Set((this.state.values.get('placed') as readonly string[] | undefined) ?? []);
    return this.scenario.messages.filter(({ id }) => placed.has(id));
  }

  fingerprintOf(id: string): string | undefined {
    return this.#fingerprints.get(id);
  }

  /** The steps that can come next. */
  moves(): readonly Action[] {
    const { scenario, adversary } = this;
    return movesOf({
      scenario,
      processes: this.#processes,
      faultsLeft: this.#faultsLeft,
      complete: isComplete(this),
      isOverdue: ({ standsSinceMs }) => this.time.nowMs - standsSinceMs >= STANDS_MS,
      repeatable: adversary.repeats ? scenario.messages.map(({ id }) => id) : [],
      canDisconnect: (process) => adversary.canDisconnect(process),
      canRebalance: adversary.canRebalance,
      acknowledges: (process) => adversary.canLoseAcks(process),
      isKiller: (id) => this.#killers.has(id),
    });
  }

  /** Takes one step, up to where nothing moves any more. */
  async take(action: Action): Promise<Footprint> {
    this.#apply(action);
    await this.rest();
    const footprint = this.tracks.take();
    if (action.kind === 'tick' || action.kind === 'end') return WHOLE;
    // Two faults exclude each other only where there is one left; before, either order leaves as many.
    return action.kind === 'fault' && this.#faultsLeft === 0 ? { reads: footprint.reads, writes: footprint.writes | SHARED.faults } : footprint;
  }

  async rest(): Promise<void> {
    do await quiet();
    while (this.time.resumeYielded());
  }

  get #processes(): readonly WorkerProcess[] {
    const processes = this.#lives.map(({ process }) => process);
    return this.#producer === undefined ? processes : [...processes, this.#producer.process];
  }

  #apply(action: Action): void {
    switch (action.kind) {
      case 'go':
        return this.#goOn(action.process, action.hold);
      case 'wake':
        return this.#wake(action.process);
      case 'die':
        this.note(action.process.label, { kind: 'fault', fault: 'killed by its message', at: action.hold.at });
        return this.#kill(action.process);
      case 'tick':
        this.time.tick();
        return;
      case 'end':
        this.ended = true;
        return;
      case 'fault':
        this.#faultsLeft--;
        this.note(action.process?.label ?? 'broker', { kind: 'fault', fault: action.fault, at: action.at, ...(action.message === undefined ? {} : { id: action.message }) });
        return this.#fail(action);
    }
  }

  #goOn(process: WorkerProcess, hold: Hold): void {
    this.note(process.label, { kind: 'goes-on', at: hold.at });
    hold.goOn();
  }

  #fail(action: Extract<Action, { readonly kind: 'fault' }>): void {
    const { fault, process, hold, message } = action;
    const life = [...this.#lives, ...(this.#producer === undefined ? [] : [this.#producer])].find((each) => each.process === process);
    switch (fault) {
      case 'duplicate':
        return this.#repeat(message as string);
      case 'rebalance':
        this.tracks.write(SHARED.broker);
        return this.adversary.rebalance();
    }
    if (process === undefined || life === undefined) return;
    switch (fault) {
      case 'kill':
        return this.#kill(process);
      case 'freeze':
        return this.#freeze(process);
      case 'disconnect':
        return this.adversary.disconnect(process);
    }
    if (hold === undefined) return;
    switch (fault) {
      case 'slow':
        hold.slow = true;
        return this.#stand(process);
      case 'cut':
        life.store.cut();
        break;
      case 'lose-reply':
      case 'lose-request':
      case 'lose-fate':
        life.store.nextFault = fault;
        break;
      case 'throw':
      case 'pause':
        this.#handlerFault = fault;
        break;
      case 'lose-ack':
        this.adversary.loseAcks(process);
        break;
      case 'refuse':
      case 'lose-publish':
      case 'lose-publish-reply':
        this.adversary.sink?.nextFault.set(process.label, fault);
        break;
    }
    hold.goOn();
  }

  #kill(process: WorkerProcess): void {
    this.tracks.write(process.bit);
    process.state = 'down';
    process.holds.length = 0;
    const isProducer = this.#producer?.process === process;
    const index = this.#lives.findIndex((life) => life.process === process);
    (isProducer ? this.#producer : this.#lives[index])?.store.crash();
    this.adversary.died(process);
    if (isProducer) this.#startProducer(process.life + 1);
    else this.#start(index, process.life + 1);
  }

  #freeze(process: WorkerProcess): void {
    process.state = 'frozen';
    this.#stand(process);
    this.adversary.froze(process);
  }

  #stand(process: WorkerProcess): void {
    this.tracks.write(process.bit);
    process.standsSinceMs = this.time.nowMs;
    this.#around.after(STANDS_MS, () => {}); // time gets there, even where nobody else waits for it
  }

  #wake(process: WorkerProcess): void {
    this.note(process.label, { kind: 'woke' });
    this.tracks.write(process.bit);
    process.state = 'up';
    this.#lives.find((life) => life.process === process)?.store.wakeUp();
    this.adversary.woke(process);
  }

  #repeat(id: string): void {
    const message = this.scenario.messages.find((each) => each.id === id) as PlannedMessage;
    this.adversary.repeat(sealedOrder(message, this.time.startMs));
  }

  get #processSurroundings() {
    const { time, tracks, scenario } = this;
    return { time, tracks, seed: scenario.seed, note: (who: string, what: Happening) => this.note(who, what) };
  }

  #storeOf(process: WorkerProcess): SimulatedStore {
    return new SimulatedStore(this.state, process, this.#around, this.#ownership);
  }

  #shopOf({ process, store }: Life): Semel<MemoryTransaction> {
    const broker = this.adversary.brokerFor(process);
    const sink = this.adversary.sink?.transportFor(process);
    return shopOf({ scenario: this.scenario, process, store, floor: this, ...(broker && { broker }), ...(sink && { sink }) });
  }

  async #accept(shop: Semel<MemoryTransaction>, message: PlannedMessage): Promise<void> {
    const sealed = sealedOrder(message, this.time.startMs);
    this.#fingerprints.set(message.id, sealed.fingerprint);
    this.#accepted.push(message);
    if (this.scenario.contract === undefined) await place(shop, this.scenario.source, message, () => {});
    else this.adversary.put(sealed);
  }

  #start(index: number, life: number): void {
    const process = new WorkerProcess(NAMES[index] as string, index, life, this.#processSurroundings);
    const store = this.#storeOf(process);
    this.#lives[index] = { process, store };
    if (life > 1) this.note(process.label, { kind: 'restarted' });
    this.#run(process, this.#shopOf({ process, store }).start());
  }

  #startProducer(life: number): void {
    const process = new WorkerProcess('p', NAMES.length, life, this.#processSurroundings);
    const store = this.#storeOf(process);
    this.#producer = { process, store };
    if (life > 1) this.note(process.label, { kind: 'restarted' });
    this.#run(process, this.#publishAll(process, this.#shopOf({ process, store })));
  }

  async #publishAll(process: WorkerProcess, shop: Semel<MemoryTransaction>): Promise<void> {
    const { messages, source } = this.scenario;
    while (this.published < messages.length) {
      const message = messages[this.published++] as PlannedMessage;
      this.#fingerprints.set(message.id, sealedOrder(message, this.time.startMs).fingerprint);
      const told = await place(shop, source, message, () => process.hold('working', [])).then(
        () => 'committed' as const,
        (error) => (error.code === 'commit-unknown' ? ('unknown' as const) : ('undone' as const)),
      );
      if (process.state !== 'down') this.note(process.label, { kind: 'told', id: message.id, fate: told });
    }
  }

  /** What a process does by itself must not fail while it lives. */
  #run(process: WorkerProcess, doing: Promise<unknown>): void {
    doing.catch((error) => {
      if (process.state !== 'down') this.broken = error;
    });
  }
}

const ALWAYS_UP = { state: 'up' } as const;
/** What was never committed. */
const GHOST: PlannedMessage = { id: 'ghost', key: 'ghost', nature: 'sound' };
