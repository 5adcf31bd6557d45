import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** How a process is started, each time. */
export interface SupervisedOptions {
  readonly script: URL;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Told when it ends without having been killed or stopped. */
  readonly onFailure: (error: Error) => void;
}

const END_WITH_PARENT = new URL('./end-with-parent.ts', import.meta.url).href;

/** A process that is started again after each kill, and that does not outlive this one. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcess;
  #kills = 0;
  #deaths = 0;
  #stopping = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#child = this.#start();
  }

  /** How often it was killed. */
  get kills(): number {
    return this.#kills;
  }

  /** Sends SIGKILL, wherever the process is. If it is dying already, its successor is killed as well. */
  kill(): void {
    this.#kills++;
    this.#child.kill('SIGKILL');
  }

  /** Ends it for good: with SIGTERM, so that it finishes what it has in hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  #start(): ChildProcess {
    const { script, args, env, onFailure } = this.#options;
    const child = fork(script, args, {
      execArgv: [...process.execArgv, '--import', END_WITH_PARENT],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('error', onFailure);
    child.once('exit', (code, signal) => {
      if (this.#stopping) return;
      if (signal === 'SIGKILL') this.#restart();
      else onFailure(new Error(`${script.pathname} ended by itself with ${signal ?? `exit code ${code}`}`));
    });
    return child;
  }

  #restart(): void {
    this.#deaths++;
    this.#child = this.#start();
    if (this.#deaths < this.#kills) this.#child.kill('SIGKILL');
  }
}
