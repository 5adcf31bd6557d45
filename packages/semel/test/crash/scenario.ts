import { setTimeout } from 'node:timers/promises';
import { CONSUMER_BOUNDARIES, MIGRATION_BOUNDARIES, RELAY_BOUNDARIES } from 'semel';
import { seededRandom } from 'semel/testing';
import type { Audit } from './audit.ts';
import { Crew, type Role } from './crew.ts';

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
  using crew = new Crew(options.store, options);
  return await new CrashRun(crew, options).make();
}

class CrashRun {
  readonly #crew: Crew;
  readonly #options: CrashOptions;
  readonly #random: () => number;
  #randomKills = 0;

  constructor(crew: Crew, options: CrashOptions) {
    this.#crew = crew;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async make(): Promise<CrashReport> {
    const startedMs = Date.now();
    for (const { role, killAt } of schedule().filter(({ killAt }) => killAt.startsWith('migrat'))) await this.#diesAt(role, killAt);
    await this.#crew.makeTables();
    await this.#killAtBoundaries();
    await this.#killAtRandom();
    const { seed, messages, randomKills } = this.#options;
    await this.#crew.exits(this.#crew.spawn('publisher', { messages: messages + 3 * randomKills, withKiller: true }));
    await this.#crew.finish(); // no more kills, but for those of the killer message itself
    const boundaryKills = this.#crew.reached.map(({ who }) => who);
    return { ...(await this.#crew.audit()), seed, seconds: (Date.now() - startedMs) / 1000, boundaryKills, randomKills: this.#randomKills, dir: this.#crew.dir };
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
        await this.#crew.exits(this.#crew.spawn('publisher', { messages }));
        if (role === 'billing' && killAt) await this.#supply();
        await this.#diesAt(role, killAt);
      }
    }
  }

  /** The shop hands everything that it has on to billing. */
  async #supply(): Promise<void> {
    const helper = this.#crew.spawn('shop');
    await setTimeout(150 + this.#random() * 100);
    await this.#crew.kill(helper);
  }

  async #killAtRandom(): Promise<void> {
    const roles: readonly Role[] = ['shop', 'shop', 'billing'];
    const workers = roles.map((role) => ({ role, child: this.#crew.spawn(role) }));
    const publishing = this.#publishAll();
    while (this.#randomKills < this.#options.randomKills) {
      await setTimeout(20 + this.#random() * 300);
      const victim = workers[Math.floor(this.#random() * workers.length)] as (typeof workers)[number];
      await this.#crew.kill(victim.child);
      this.#randomKills += 1;
      victim.child = this.#crew.spawn(victim.role);
    }
    await publishing;
    for (const { child } of workers) await this.#crew.kill(child);
  }

  async #publishAll(): Promise<void> {
    const { messages, randomKills } = this.#options;
    for (let wave = 1; wave <= randomKills; wave++) {
      const publisher = this.#crew.spawn('publisher', { messages: messages + 3 * wave, withKiller: true });
      if (this.#random() < 0.5) void setTimeout(100 + this.#random() * 150).then(() => publisher.kill('SIGKILL'));
      await new Promise((resolve) => publisher.once('exit', resolve));
      if (this.#randomKills >= randomKills) return;
    }
  }

  async #diesAt(role: Role, killAt: string, messages = 0): Promise<void> {
    const signal = await this.#crew.exits(this.#crew.spawn(role, { at: killAt, messages }));
    this.#options.log?.(`${role} at ${killAt}: ${signal ?? 'was not reached'}`);
  }
}
