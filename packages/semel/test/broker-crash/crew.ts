import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Effect, Findings } from '../crash/findings.ts';
import type { Reader } from '../crash/ledger.ts';
import { ledgerOf } from '../crash/ledgers/ledger-of.ts';
import type { Plan, Role } from './broker.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source'];
const LIMIT_MS = 60_000;
const DEAD = "select name || ' ' || id as id from {semel}dead_letters join {semel}subscriptions using (subscription_id)";
const RECORDS = "select id from {semel}inbox join {semel}subscriptions using (subscription_id) where name = 'book' and state = 'done'";

/** The processes of one run, and what they leave behind. */
export class BrokerCrew implements AsyncDisposable {
  readonly #plan: Plan;
  readonly #children = new Set<ChildProcess>();

  private constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** With the tables of effects made. */
  static async gather(given: Omit<Plan, 'dir'>): Promise<BrokerCrew> {
    const plan = { ...given, dir: mkdtempSync(join(tmpdir(), 'semel-broker-crash-')) };
    const ledger = ledgerOf(plan.store, plan.dir);
    await ledger.makeTables('shop', ['placed']);
    await ledger.makeTables('billing', ['booked', 'survived']);
    return new BrokerCrew(plan);
  }

  /**
   * @param at `<boundary>#<count>` at which it kills itself
   * @param env what its transport is told besides the address
   */
  spawn(role: Role, at?: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
    const args = [JSON.stringify(this.#plan), role, ...(at === undefined ? [] : [at])];
    const child = fork(join(import.meta.dirname, 'worker.ts'), args, { execArgv: FLAGS, env: { ...process.env, ...env } });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Resolves once it says so; false where it ends before. */
  says(child: ChildProcess, word: 'started' | 'placed' | 'idle'): Promise<boolean> {
    return new Promise((resolve) => {
      child.on('message', (message) => message === word && resolve(true));
      child.once('exit', () => resolve(false));
      if (child.exitCode !== null || child.signalCode !== null) resolve(false);
      if (word === 'idle') child.send('idle?', () => {});
    });
  }

  /** The signal that ended it; it is killed where it does not end in time. */
  ends(child: ChildProcess): Promise<NodeJS.Signals | null> {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.signalCode);
    const timer = setTimeout(() => child.disconnect(), LIMIT_MS);
    return new Promise((resolve) => {
      child.once('exit', (_, signal) => {
        clearTimeout(timer);
        resolve(signal);
      });
    });
  }

  async kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    await this.ends(child);
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.kill(child)));
  }

  /** Has everything that is left done, by one process after another: one may die of what it has to do. */
  async finish(role: Role): Promise<void> {
    for (let life = 1; life <= 10; life++) {
      const child = this.spawn(role);
      const done = (role !== 'shop' || (await this.says(child, 'placed'))) && (await this.says(child, 'idle'));
      await this.kill(child);
      if (done) return;
    }
    throw new Error(`${role} did not become idle; files in ${this.#plan.dir}`);
  }

  /** What plain SQL finds wrong: each placed order is booked once, those of a customer in order, and the one that kills is dead-lettered where it does. */
  async faults(): Promise<readonly string[]> {
    const ledger = ledgerOf(this.#plan.store, this.#plan.dir);
    const [shop, billing] = [await ledger.read('shop'), await ledger.read('billing')];
    const findings = new Findings();
    const placed = (await shop.all<{ order_id: string }>('select order_id from placed')).map((row) => row.order_id);
    const [killer = '', ...of] = await ids(billing, DEAD);
    const effects = (table: string) => billing.all<Effect>(`select order_id, customer_id, number from ${table} order by position`);
    findings.none('orders that were not placed', this.#plan.orders - placed.length);
    findings.exactly('booked', await effects('booked'), placed);
    findings.exactly(
      'survived',
      await effects('survived'),
      placed.filter((id) => `poisoned ${id}/placed` !== killer),
    );
    findings.once(
      'records',
      await ids(billing, RECORDS),
      placed.map((id) => `${id}/placed`),
    );
    findings.once('dead letters of billing', [killer, ...of], ['poisoned order-20/placed']);
    findings.once('dead letters of the shop', await ids(shop, DEAD), []);
    for (const reader of [shop, billing]) findings.none('left over', (await reader.all<{ n: number }>(reader.leftOver))[0]?.n ?? Number.NaN);
    await Promise.all([shop.close(), billing.close()]);
    return findings.faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
    rmSync(this.#plan.dir, { recursive: true, force: true });
  }
}

async function ids(reader: Reader, sql: string): Promise<readonly string[]> {
  return (await reader.all<{ id: string }>(sql)).map(({ id }) => id);
}
