import { type ChildProcess, execFile, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Audit } from './audit.ts';
import type { Service } from './ledger.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import { filesOf, TABLES } from './services.ts';

export type Role = 'shop' | 'billing' | 'publisher' | 'fragile';

/** What a process is to do besides its role. */
export interface Duty {
  /** `<boundary>#<count>` at which it kills itself; or sends itself another signal, at a boundary of one consumer: `<boundary>#<count>#<signal>#<consumer>`. */
  readonly at?: string;
  /** How many orders a publisher places, and whether the one that kills is among them. */
  readonly messages?: number;
  readonly withKiller?: boolean;
  /** How long its transactions may do nothing. @default the store's */
  readonly idleTimeoutMs?: number;
  /** How often a fragile process tries a message. */
  readonly attempts?: number;
  /** A module that it loads before any other. */
  readonly preload?: string;
  /** What it says of its end is not shown: it is expected. */
  readonly quiet?: boolean;
}

/** A process that came to the boundary at which it was to get its signal. */
export interface Reached {
  /** `<role>:<boundary>#<count>`. */
  readonly who: string;
  readonly pid: number;
  /** The ids of the messages that it had in hand. */
  readonly messages: readonly string[];
}

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];
const EXIT_LIMIT_MS = 20_000;
/** How many processes may die one after another of what they have to do. */
const ATTEMPTS = 8;
const PUBLISHERS = 100;
const POLL_MS = 10;

/** The processes that work on one store, and what they leave behind. */
export class Crew implements Disposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'semel-crash-'));
  /** Variables that its processes are started with, besides those of this one. */
  variables: Readonly<Record<string, string>> = {};
  readonly #store: string;
  readonly #seed: number;
  readonly #keep: boolean;
  readonly #children = new Set<ChildProcess>();

  /** @param store see {@link ledgerOf} */
  constructor(store: string, { seed, keep = false }: { readonly seed: number; readonly keep?: boolean }) {
    this.#store = store;
    this.#seed = seed;
    this.#keep = keep;
  }

  /** Makes the tables of effects. */
  async makeTables(): Promise<void> {
    const ledger = ledgerOf(this.#store, this.dir);
    for (const [service, tables] of Object.entries(TABLES)) await ledger.makeTables(service as Service, tables);
  }

  spawn(role: Role, { at, messages = 0, withKiller = false, idleTimeoutMs, attempts, preload, quiet = false }: Duty = {}): ChildProcess {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [role, this.#store, this.dir, ...(at ? [at] : [])], {
      execArgv: preload === undefined ? FLAGS : [...FLAGS, `--import=${preload}`],
      env: {
        ...process.env,
        ...this.variables,
        NODE_COMPILE_CACHE: join(this.dir, 'compiled'),
        CRASH_MESSAGES: String(messages),
        CRASH_KILLER: withKiller ? 'yes' : 'no',
        ...(attempts === undefined ? {} : { CRASH_ATTEMPTS: String(attempts) }),
        ...(idleTimeoutMs === undefined ? {} : { CRASH_IDLE_TIMEOUT_MS: String(idleTimeoutMs) }),
      },
      stdio: ['ignore', 'inherit', quiet ? 'ignore' : 'inherit', 'ipc'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** A process whose consumers have started. */
  async started(role: Role, duty?: Duty): Promise<ChildProcess> {
    const child = this.spawn(role, duty);
    await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(this.#error(`a ${role} ended before it had started`)));
    });
    return child;
  }

  /** The signal that ended it; a boundary that is not reached in time ends it as well. */
  async exits(child: ChildProcess): Promise<NodeJS.Signals | null> {
    const inTime = new AbortController();
    void setTimeout(EXIT_LIMIT_MS / 2, undefined, { signal: inTime.signal }).then(
      () => child.disconnect(),
      () => {},
    );
    const [code, signal] = await endOf(child);
    inTime.abort();
    if (signal === null && code !== 0) throw this.#error(`a process ended with code ${code}`);
    return signal;
  }

  async kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = endOf(child);
    child.kill('SIGKILL');
    await gone;
  }

  /** Places orders, by one publisher after another: where the store fails it, it ends, as its user's process would, and the next goes on. */
  async publishes(messages: number): Promise<void> {
    for (let life = 1; life <= PUBLISHERS; life++) {
      const [code] = await endOf(this.spawn('publisher', { messages, quiet: life < PUBLISHERS }));
      if (code === 0) return;
    }
    throw this.#error(`${PUBLISHERS} publishers did not place ${messages} orders`);
  }

  /** Has everything that is left done, by fresh processes. */
  async finish(): Promise<void> {
    await this.#finishes('shop');
    await this.#finishes('fragile');
    await this.#finishes('billing');
    await this.#finishes('shop'); // billing's acknowledgements of what it read from the shop
  }

  /** Whether a process came to have nothing left to do, before it ended and in time. */
  becomesIdle(child: ChildProcess): Promise<boolean> {
    return new Promise((resolve) => {
      child.on('message', (message) => message === 'idle' && resolve(true));
      child.once('exit', () => resolve(false));
      child.send('idle?', () => {});
      void setTimeout(EXIT_LIMIT_MS, false, { ref: false }).then(resolve);
    });
  }

  /** Written by the processes right before they send themselves their signal. */
  get reached(): readonly Reached[] {
    const { reached } = filesOf(this.dir);
    return existsSync(reached)
      ? readFileSync(reached, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
  }

  /** Resolves once a process has reached its boundary. */
  async reaches({ pid }: ChildProcess): Promise<Reached> {
    for (const endMs = Date.now() + EXIT_LIMIT_MS; Date.now() < endMs; await setTimeout(POLL_MS)) {
      const reached = this.reached.find((one) => one.pid === pid);
      if (reached !== undefined) return reached;
    }
    throw this.#error('a process did not come to its boundary');
  }

  /** What an independent process finds in the tables. */
  async audit(): Promise<Audit> {
    const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, join(import.meta.dirname, 'audit.ts'), this.#store, this.dir]);
    return JSON.parse(stdout) as Audit;
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL');
    if (!this.#keep) rmSync(this.dir, { recursive: true, force: true });
  }

  async #finishes(role: Role): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const child = this.spawn(role);
      const idle = await this.becomesIdle(child);
      await this.kill(child);
      if (idle) return;
    }
    throw this.#error(`${role} did not become idle`);
  }

  #error(what: string): Error {
    return new Error(`seed ${this.#seed}: ${what}; files in ${this.dir}`);
  }
}

function endOf(child: ChildProcess): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve) => child.once('exit', (...end) => resolve(end)));
}
