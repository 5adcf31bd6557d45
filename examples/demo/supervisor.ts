import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CrashPlan } from './crash-plan.ts';
import type { Column } from './mode.ts';

const WORKER = new URL('./worker.ts', import.meta.url);

/** As this process, and without a warning that is about kafkajs. */
const EXEC_ARGV = [...process.execArgv, '--disable-warning=TimeoutNegativeWarning'];

/** Keeps the worker processes of one column running: who is killed is replaced. */
export class Supervisor {
  readonly #column: Column;
  readonly #living = new Set<ChildProcess>();
  #stopping = false;
  #kills = 0;
  #failure: Error | undefined;

  constructor(column: Column) {
    this.#column = column;
  }

  /** Processes that died of SIGKILL, by their own hand or by another. */
  get kills(): number {
    return this.#kills;
  }

  start(workers: number): void {
    for (let worker = 0; worker < workers; worker++) this.#spawn();
  }

  /** Throws if a worker ended by anything but SIGKILL: then the demo, and no payment, is broken. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Kills a worker that is not dying anyway, of these processes if they are given: 0 takes the first, just below 1 the last. False if there is none. */
  kill(share: number, among?: readonly number[]): boolean {
    const candidates = [...this.#living].filter(({ killed, pid = 0 }) => !killed && !CrashPlan.dooms(this.#column.folder, pid) && (among?.includes(pid) ?? true));
    return candidates[Math.floor(share * candidates.length)]?.kill('SIGKILL') ?? false;
  }

  /** Has the workers finish what they have in hand; resolves when all are gone. */
  async stop(): Promise<void> {
    await this.#end((worker) => worker.connected && worker.disconnect());
    this.check();
  }

  /** Ends the workers at once; resolves when all are gone. */
  async abandon(): Promise<void> {
    await this.#end((worker) => worker.kill('SIGKILL'));
  }

  async #end(how: (worker: ChildProcess) => unknown): Promise<void> {
    this.#stopping = true;
    const gone = [...this.#living].map((worker) => once(worker, 'exit'));
    for (const worker of this.#living) how(worker);
    await Promise.all(gone);
  }

  #spawn(): void {
    const { mode, folder, ledger, broker } = this.#column;
    const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') }; // a worker's successor need not compile all again
    const worker = fork(WORKER, [mode, folder, ledger, broker], { env, execArgv: EXEC_ARGV, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#living.add(worker);
    worker.on('error', (error) => {
      this.#failure ??= error;
      if (worker.pid === undefined) this.#living.delete(worker); // it never began, so it will not exit either
    });
    worker.once('exit', (code, signal) => {
      this.#living.delete(worker);
      if (signal === 'SIGKILL') {
        this.#kills++;
        if (!this.#stopping) this.#spawn();
      } else if (code !== 0 || !this.#stopping) this.#failure ??= new Error(`a worker of ${mode} ended with ${signal ?? `exit code ${code}`}`);
    });
  }
}
