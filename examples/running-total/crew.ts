import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { State } from './service.ts';

const WORKER = new URL('./worker.ts', import.meta.url);
const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source'];
/** Longer than a session: the group goes on without who stands still for so long. */
const FREEZE_MS = 1_600;

/** What has happened to the workers. */
export interface Blows {
  killed: number;
  frozen: number;
}

/** Workers that are killed and frozen. */
export class Crew implements Disposable {
  readonly #spawn: (index: number) => ChildProcess;
  readonly #workers: ChildProcess[];

  /** @param stateOf of the worker of this number, the same for those that come after it */
  constructor(address: string, workers: number, stateOf: (index: number) => State) {
    this.#spawn = (index) => fork(WORKER, [address, JSON.stringify(stateOf(index))], { execArgv: FLAGS });
    this.#workers = Array.from({ length: workers }, (_, index) => this.#spawn(index));
  }

  /** One of them is killed, and another takes its place; or, now and then, it stands still until the others have taken its partitions over, and wakes up in the middle of what it did. */
  async strike(random: () => number, blows: Blows): Promise<void> {
    const index = Math.floor(random() * this.#workers.length);
    const worker = this.#workers[index] as ChildProcess;
    if (random() < 0.25) {
      worker.kill('SIGSTOP');
      await setTimeout(FREEZE_MS);
      worker.kill('SIGCONT');
      blows.frozen += 1;
    } else {
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      this.#workers[index] = this.#spawn(index);
      blows.killed += 1;
    }
  }

  /** Resolves once nothing is left to be done. */
  async idle(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => isIdle(worker)));
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.kill('SIGKILL');
  }
}

async function isIdle(worker: ChildProcess): Promise<void> {
  const answered = once(worker, 'message');
  worker.send('idle?');
  await answered;
}
