import { setTimeout } from 'node:timers/promises';
import type { FaultProxy } from 'semel/testing';
import { wrongIn } from './audit.ts';
import type { FaultName } from './cells.ts';
import { Member } from './member.ts';
import type { Scene } from './scene.ts';

/** Orders of one trial. */
const ORDERS = 5;
/** Far more than anything takes that comes to its end. */
const LIMIT_MS = 120_000;
/** How long what is wrong in the tables may take to come right. */
const SETTLES_MS = 30_000;
/** How long a line is cut. */
const CUT_MS = 100;
/** How long a process stands still, and how far its clock jumps: both in leases. */
const STANDS_LEASES = 1.5;
const JUMP_LEASES = 10;

/** What a trial came to. */
export interface Trial {
  /** The process came to the step, and the fault befell it there. */
  readonly hit: boolean;
  /** Empty where every promise was kept. */
  readonly wrong: readonly string[];
}

/** The processes of one scene. One works, and comes to harm; another is ready to go on. */
export class Crew implements AsyncDisposable {
  readonly #scene: Scene;
  readonly #members = new Set<Member>();
  #working: Member;
  #ready: Member;
  /** How many orders there are to be. */
  #orders = 0;
  /** Of the current trial: that all are placed. */
  #placed: Promise<boolean> = Promise.resolve(true);

  private constructor(scene: Scene) {
    this.#scene = scene;
    this.#working = this.#fork();
    this.#ready = this.#fork();
  }

  static async gather(scene: Scene): Promise<Crew> {
    const crew = new Crew(scene);
    if (!(await crew.#working.ask('start'))) throw new Error('a process ended before it had started');
    return crew;
  }

  /** Has one fault befall the process that works, at one step, and everything come to its end; then plain SQL says whether it is right. */
  async try(fault: FaultName, step: string): Promise<Trial> {
    this.#orders += ORDERS;
    const reached = this.#working.ask('hold', step);
    this.#placed = this.#working.ask('place', this.#orders);
    const hit = await inTime(reached);
    const ended = await inTime(hit ? this.#befall(fault) : this.#recovers());
    const wrong = await this.#whatIsWrong();
    return { hit, wrong: ended ? wrong : [`a process ended by itself, or no end came within ${LIMIT_MS / 1_000} s`, ...wrong] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.kill()));
  }

  #fork(): Member {
    const member = new Member(this.#scene.plan);
    this.#members.add(member);
    return member;
  }

  /** A process that has nothing left to do knows of its own partitions only: those of one that has just left the group may be nobody's for a while. */
  async #whatIsWrong(): Promise<readonly string[]> {
    for (const endMs = performance.now() + SETTLES_MS; ; await setTimeout(50)) {
      const wrong = await wrongIn(this.#scene.reader, this.#orders, this.#scene.ordered);
      if (wrong.length === 0 || performance.now() > endMs) return wrong;
    }
  }

  /** Whether everything came to its end. */
  #befall(fault: FaultName): Promise<boolean> {
    const { toStore, toBroker, plan } = this.#scene;
    switch (fault) {
      case 'SIGKILL':
        return this.#dies();
      case 'SIGSTOP':
        return this.#isOvertaken(() => this.#stands());
      case 'clock-forward':
        return this.#isOvertaken(() => this.#working.ask('jump', JUMP_LEASES * plan.leaseMs));
      case 'clock-back':
        return this.#isOvertaken(() => this.#working.ask('jump', -JUMP_LEASES * plan.leaseMs));
      case 'cut-store':
        return this.#isCutOff(toStore);
      case 'cut-broker':
        return this.#isCutOff(toBroker);
    }
  }

  async #dies(): Promise<boolean> {
    await this.#working.kill();
    this.#members.delete(this.#working);
    this.#working = this.#ready;
    this.#ready = this.#fork();
    return (await this.#working.ask('start')) && (await this.#working.ask('place', this.#orders)) && this.#working.ask('idle');
  }

  async #stands(): Promise<void> {
    this.#working.signal('SIGSTOP');
    await setTimeout(STANDS_LEASES * this.#scene.plan.leaseMs);
    this.#working.signal('SIGCONT');
  }

  /** The other works meanwhile, and beside it afterwards; then it takes its place. */
  async #isOvertaken(harm: () => Promise<unknown>): Promise<boolean> {
    const [harmed, other] = [this.#working, this.#ready];
    const started = other.ask('start');
    await harm();
    const [recovered, isThere] = await Promise.all([this.#recovers(), started]); // where it holds a lock, the other starts once it has gone on
    const ended = recovered && isThere && (await other.ask('idle')) && (await harmed.ask('idle')); // work may go to and fro
    [this.#working, this.#ready] = [other, harmed];
    return ended && (await harmed.ask('stop')) && harmed.ask('jump', 0);
  }

  async #isCutOff(line: FaultProxy | undefined): Promise<boolean> {
    line?.cut();
    await setTimeout(CUT_MS);
    line?.pass();
    return this.#recovers();
  }

  /** The process goes on by itself, to where nothing is left. */
  async #recovers(): Promise<boolean> {
    return (await this.#working.ask('goOn')) && (await this.#placed) && this.#working.ask('idle');
  }
}

/** False where it takes too long. */
function inTime(answer: Promise<boolean>): Promise<boolean> {
  return Promise.race([answer, setTimeout(LIMIT_MS, false, { ref: false })]);
}
