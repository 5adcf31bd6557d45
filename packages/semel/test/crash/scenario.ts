import { type ChildProcess, execFile, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CONSUMER_BOUNDARIES, MIGRATION_BOUNDARIES, RELAY_BOUNDARIES } from 'semel';
import { seededRandom } from 'semel/testing';
import type { Audit } from './audit.ts';
import type { Service } from './ledger.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import { filesOf, TABLES } from './services.ts';

/** The size of a run. */
export interface CrashOptions {
  /** `sqlite`, or the address of an empty Postgres database. */
  readonly store: string;
  readonly messages: number;
  /** Kills at random instants, besides one at each boundary. */
  readonly randomKills: number;
  readonly seed: number;
  /** Keeps the files for a look afterwards. */
  readonly keep?: boolean;
  readonly log?: (line: string) => void;
}

/** What a run did and found. */
export interface CrashReport extends Audit {
  readonly seed: number;
  readonly seconds: number;
  readonly boundaryKills: readonly string[];
  readonly randomKills: number;
  readonly dir: string;
}

type Role = 'shop' | 'billing' | 'publisher' | 'fragile';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];
const EXIT_LIMIT_MS = 20_000;

/** Every boundary at which a process is killed, by the process that passes it. */
export function schedule(): readonly { readonly role: Role; readonly killAt: string }[] {
  const at = (role: Role, boundaries: readonly string[], count: number) => boundaries.map((boundary) => ({ role, killAt: `${boundary}#${count}` }));
  return [
    ...at('shop', MIGRATION_BOUNDARIES, 1),
    ...at('publisher', ['begun', 'staged', 'committing', 'committed'], 3),
    ...at('shop', CONSUMER_BOUNDARIES, 2),
    ...at('shop', RELAY_BOUNDARIES, 1),
    ...at('billing', CONSUMER_BOUNDARIES, 2),
  ];
}

/**
 * Lets two services and a publisher work on a stream of orders, kills them at each boundary and at random instants, then lets the
 * rest finish, and has an independent process compare the ledgers.
 */
export async function runCrashScenario(options: CrashOptions): Promise<CrashReport> {
  const dir = mkdtempSync(join(tmpdir(), 'semel-crash-'));
  const run = new CrashRun(dir, options);
  try {
    return await run.make();
  } finally {
    run.killAll();
    if (!options.keep) rmSync(dir, { recursive: true, force: true });
  }
}

class CrashRun {
  readonly #dir: string;
  readonly #options: CrashOptions;
  readonly #children = new Set<ChildProcess>();
  readonly #random: () => number;
  #randomKills = 0;

  constructor(dir: string, options: CrashOptions) {
    this.#dir = dir;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async make(): Promise<CrashReport> {
    const startedMs = Date.now();
    for (const { role, killAt } of schedule().filter(({ killAt }) => killAt.startsWith('migrat'))) await this.#diesAt(role, killAt);
    await this.#makeTables();
    await this.#killAtBoundaries();
    await this.#killAtRandom();
    await this.#finish();
    const { seed } = this.#options;
    return { ...(await this.#audit()), seed, seconds: (Date.now() - startedMs) / 1000, boundaryKills: this.#killed(), randomKills: this.#randomKills, dir: this.#dir };
  }

  killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #makeTables(): Promise<void> {
    const ledger = ledgerOf(this.#options.store, this.#dir);
    for (const [service, tables] of Object.entries(TABLES)) await ledger.makeTables(service as Service, tables);
  }

  /** One kill after another, while a helper of each role keeps the others supplied. */
  async #killAtBoundaries(): Promise<void> {
    const kills = schedule().filter(({ killAt }) => !killAt.startsWith('migrat'));
    const share = Math.max(1, Math.floor(this.#options.messages / (kills.length + 1)));
    let messages = 0;
    for (const { role, killAt } of kills) {
      messages = Math.min(this.#options.messages, messages + share);
      if (role === 'publisher') await this.#diesAt(role, killAt, messages + 3);
      else {
        await this.#exits(this.#spawn('publisher', undefined, messages));
        if (role === 'billing' && killAt) await this.#supply();
        await this.#diesAt(role, killAt);
      }
    }
  }

  /** The shop hands everything that it has on to billing. */
  async #supply(): Promise<void> {
    const helper = this.#spawn('shop');
    await new Promise((resolve) => setTimeout(resolve, 150 + this.#random() * 100));
    await this.#kill(helper);
  }

  async #killAtRandom(): Promise<void> {
    const roles: readonly Role[] = ['shop', 'shop', 'billing'];
    const workers = roles.map((role) => ({ role, child: this.#spawn(role) }));
    const publishing = this.#publishAll();
    while (this.#randomKills < this.#options.randomKills) {
      await new Promise((resolve) => setTimeout(resolve, 20 + this.#random() * 300));
      const victim = workers[Math.floor(this.#random() * workers.length)] as (typeof workers)[number];
      await this.#kill(victim.child);
      this.#randomKills += 1;
      victim.child = this.#spawn(victim.role);
    }
    await publishing;
    for (const { child } of workers) await this.#kill(child);
  }

  async #publishAll(): Promise<void> {
    const { messages, randomKills } = this.#options;
    for (let wave = 1; wave <= randomKills; wave++) {
      const publisher = this.#spawn('publisher', undefined, messages + 3 * wave, true);
      if (this.#random() < 0.5) setTimeout(() => publisher.kill('SIGKILL'), 100 + this.#random() * 150);
      await new Promise((resolve) => publisher.once('exit', resolve));
      if (this.#randomKills >= randomKills) return;
    }
  }

  /** No more kills, but for those of the killer message itself. */
  async #finish(): Promise<void> {
    await this.#exits(this.#spawn('publisher', undefined, this.#options.messages + 3 * this.#options.randomKills, true));
    await this.#becomesIdle('shop');
    await this.#becomesIdle('fragile');
    await this.#becomesIdle('billing');
    await this.#becomesIdle('shop'); // billing's acknowledgements of what it read from the shop
  }

  async #becomesIdle(role: Role): Promise<void> {
    for (let attempt = 1; attempt <= 8; attempt++) {
      const child = this.#spawn(role);
      const idle = new Promise<boolean>((resolve) => {
        child.on('message', (message) => (message === 'started' ? child.send('idle?', () => {}) : resolve(true)));
        child.once('exit', () => resolve(false));
        setTimeout(() => resolve(false), EXIT_LIMIT_MS).unref();
      });
      const reached = await idle;
      await this.#kill(child);
      if (reached) return;
    }
    throw new Error(`seed ${this.#options.seed}: ${role} did not become idle; files in ${this.#dir}`);
  }

  async #diesAt(role: Role, killAt: string, messages?: number): Promise<void> {
    const child = this.#spawn(role, killAt, messages);
    const signal = await this.#exits(child);
    this.#options.log?.(`${role} at ${killAt}: ${signal ?? 'was not reached'}`);
  }

  /** Written by the processes right before they kill themselves. */
  #killed(): readonly string[] {
    const { killed } = filesOf(this.#dir);
    return existsSync(killed) ? readFileSync(killed, 'utf8').split('\n').filter(Boolean) : [];
  }

  #spawn(role: Role, killAt?: string, messages = 0, withKiller = false): ChildProcess {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [role, this.#options.store, this.#dir, ...(killAt ? [killAt] : [])], {
      execArgv: FLAGS,
      env: { ...process.env, NODE_COMPILE_CACHE: join(this.#dir, 'compiled'), CRASH_MESSAGES: String(messages), CRASH_KILLER: withKiller ? 'yes' : 'no' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** The signal that ended it; a boundary that is not reached in time ends it as well. */
  async #exits(child: ChildProcess): Promise<NodeJS.Signals | null> {
    const limit = setTimeout(() => child.disconnect(), EXIT_LIMIT_MS / 2);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.once('exit', (...end) => resolve(end)));
    clearTimeout(limit);
    if (signal === null && code !== 0) throw new Error(`seed ${this.#options.seed}: a process ended with code ${code}; files in ${this.#dir}`);
    return signal;
  }

  async #kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async #audit(): Promise<Audit> {
    const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, join(import.meta.dirname, 'audit.ts'), this.#options.store, this.#dir]);
    return JSON.parse(stdout) as Audit;
  }
}
