import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FromWorker, receivedError, type ToWorker } from './protocol.ts';

/** What a worker's process is to load, and what it shares with the others. */
export interface Origin {
  /** The `file:` address of the user's module, and its export. */
  readonly module: string;
  readonly name: string;
  readonly unique: string;
  readonly folder: string;
  /** Whether what it writes is shown, on stderr. @default false */
  readonly loud?: boolean;
}

/** By way of the package's own imports: in the sources and as built. */
const MAIN = '#prove-worker';

/** One process that handles messages. */
export class WorkerProcess {
  /** Resolves once it can be given messages; rejects where it never can. */
  readonly ready: Promise<void>;
  /** Resolves when it is gone, to how it ended: `SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>;
  /** Called with what it says once it is ready. */
  hear: (message: FromWorker) => void = () => {};
  readonly #child: ChildProcess;
  #killed = false;

  constructor({ module, name, unique, folder, loud = false }: Origin) {
    const child = fork(fileURLToPath(import.meta.resolve(MAIN)), [module, name, unique, folder], {
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }, // the successor of one that was killed need not compile all again
      stdio: ['ignore', loud ? process.stderr : 'ignore', loud ? 'inherit' : 'ignore', 'ipc'],
    });
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'unfit') reject(receivedError(message.error));
        else this.hear(message);
      });
      void this.ended.then((how) => reject(new Error(`a worker's process ended before it had begun: ${how}`)));
    });
    this.ready.catch(() => {}); // whoever waits for it is told
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether it is there, and was not killed: a signal takes a moment. */
  get alive(): boolean {
    return !this.#killed && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** One that is gone hears nothing. */
  say(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** With no chance to clean up; also where it is stopped. */
  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  /** Stands still as a whole, with all its timers, until {@link resume}. */
  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}
