import type { Subject } from '../once/subject.ts';
import type { Assignment, TrialWorker, Workforce } from '../once/workforce.ts';
import { LEASE_MS } from './desk.ts';
import { HiredProcess, type Roster } from './hired-process.ts';
import { type Origin, WorkerProcess } from './worker-process.ts';

/** Longer than a transaction takes: who waits for what a stopped process holds waits on. */
const PATIENCE_MS = 50;

/** Processes that are ready to handle messages; one that was killed is replaced. */
export class Crew<Tx> implements Workforce<Tx>, Roster {
  readonly patienceMs: number = PATIENCE_MS;
  readonly watches: boolean = false;
  readonly #size: number;
  readonly #origin: Origin;
  readonly #subject: Subject<Tx>;
  readonly #processes = new Set<WorkerProcess>();
  readonly #free: WorkerProcess[] = [];
  readonly #waiting: { readonly resolve: (process: WorkerProcess) => void; readonly reject: (error: unknown) => void }[] = [];
  #unfit: { readonly error: unknown } | undefined;
  #typicalSteps = 0;

  constructor(size: number, subject: Subject<Tx>, origin: Omit<Origin, 'unique'>) {
    this.#size = size;
    this.#subject = subject;
    this.#origin = { ...origin, unique: subject.unique };
  }

  get typicalSteps(): number {
    return this.#typicalSteps;
  }

  hire(assignment: Assignment<Tx>): TrialWorker {
    const isControl = assignment.consumer !== this.#subject.consumer;
    return new HiredProcess(assignment, { isControl, limitMs: this.#subject.consumer.policies.timeoutMs * 2, leaseMs: LEASE_MS, roster: this });
  }

  /** The next process that is ready and free. Rejects where none can be. */
  take(): Promise<WorkerProcess> {
    while (this.#processes.size < this.#size && this.#unfit === undefined) this.#spawn();
    const process = this.#free.shift();
    if (process !== undefined) return Promise.resolve(process);
    if (this.#unfit !== undefined) return Promise.reject(this.#unfit.error);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  giveBack(process: WorkerProcess, steps = 0): void {
    this.#typicalSteps = Math.max(this.#typicalSteps, steps);
    if (process.alive) this.#offer(process);
  }

  /** Kills all of them, also those that are stopped; before it awaits anything. */
  async close(): Promise<void> {
    this.#unfit ??= { error: new Error('the proof is over') };
    const processes = [...this.#processes];
    for (const process of processes) process.kill();
    await Promise.all(processes.map(({ ended }) => ended));
  }

  #spawn(): void {
    const process = new WorkerProcess(this.#origin);
    this.#processes.add(process);
    void process.ended.then(() => this.#gone(process));
    process.ready.then(
      () => this.#offer(process),
      (error) => this.#fail(error),
    );
  }

  #offer(process: WorkerProcess): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#free.push(process);
    else waiting.resolve(process);
  }

  #gone(process: WorkerProcess): void {
    this.#processes.delete(process);
    const index = this.#free.indexOf(process);
    if (index !== -1) this.#free.splice(index, 1);
    if (this.#unfit === undefined) this.#spawn();
  }

  #fail(error: unknown): void {
    this.#unfit ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
