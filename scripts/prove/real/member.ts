import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Plan, Request } from './plan.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source'];

/** A process under proof, as its parent sees it. */
export class Member {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, (answered: boolean) => void>();
  #asked = 0;

  constructor(plan: Plan) {
    this.#child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(plan)], {
      execArgv: FLAGS,
      env: { ...process.env, NODE_COMPILE_CACHE: join(plan.dir, 'compiled') },
    });
    this.#child.on('message', (id) => this.#answer(id as number, true));
    this.#child.once('exit', () => {
      for (const id of this.#open.keys()) this.#answer(id, false);
    });
  }

  /** Resolves once it has done it; with false where it ends before. */
  ask(name: Request['name'], argument?: string | number): Promise<boolean> {
    if (this.#isGone) return Promise.resolve(false);
    const id = ++this.#asked;
    const request: Request = { id, name, ...(argument === undefined ? {} : { argument }) };
    return new Promise((resolve) => {
      this.#open.set(id, resolve);
      this.#child.send(request, () => {}); // where it is gone, its exit answers
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    if (this.#isGone) return;
    const gone = once(this.#child, 'exit');
    this.signal('SIGKILL');
    await gone;
  }

  get #isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #answer(id: number, answered: boolean): void {
    this.#open.get(id)?.(answered);
    this.#open.delete(id);
  }
}
