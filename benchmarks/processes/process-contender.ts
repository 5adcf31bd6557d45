import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contender, OpenContender, Sample } from '../measure.ts';
import { Database } from '../postgres/database.ts';
import { type Effects, effectsIn, type Keeper, verify } from '../postgres/effects.ts';
import type { BrokerName } from '../servers/servers.ts';
import type { Site } from '../site.ts';
import type { Job, Phase, Report } from './program.ts';

/** A contender that runs in processes of its own. */
export interface ProcessContender {
  /** Its program, below `benchmarks`. */
  readonly program: string;
  /** What its program is told besides the job. */
  readonly options?: object;
  /** Messages for a run of about `ms`. */
  count(ms: number): number;
  readonly keeper: Keeper;
  /** What each message adds to the tables. */
  readonly effects: Effects;
  readonly slow?: boolean;
  /** What it has besides the database. */
  readonly broker?: BrokerName;
  /** Given where the database is prepared once, and kept from round to round: for all contenders that are given the same. */
  readonly keep?: Kept;
}

/** What stays from round to round. */
export interface Kept {
  database?: Database;
  /** The number of the next order. */
  next: number;
}

/** Every message was handled, and caused another. */
export const EACH_ONCE: Effects = { handled: 1, payments: 1, distinct: 1, outbox: 1 };

/** So many messages that a contender of this rate takes the time asked for. */
export function lasting(perSecond: number): ProcessContender['count'] {
  return (ms) => Math.max(1, Math.round((perSecond * ms) / 100_000)) * 100;
}

const TIMEOUT_MS = 600_000;

/** Prepares a database in one process, waits until the machine is quiet, and measures in another. */
export function inProcesses(contender: ProcessContender): OpenContender {
  return async (site) => {
    if (contender.program.startsWith('peers/')) await site.servers.peers();
    const broker = contender.broker && { name: contender.broker, url: await site.servers.broker(contender.broker) };
    const server = contender.slow ? await site.servers.slowPostgres() : await site.servers.postgres();
    return new Processes(contender, site, server, broker);
  };
}

class Processes implements Contender {
  readonly #contender: ProcessContender;
  readonly #site: Site;
  readonly #server: string;
  readonly #broker: Job['broker'] | undefined;
  #database: Database | undefined;

  constructor(contender: ProcessContender, site: Site, server: string, broker: Job['broker'] | undefined) {
    this.#contender = contender;
    this.#site = site;
    this.#server = server;
    this.#broker = broker;
  }

  async run(ms: number): Promise<Sample> {
    const { keeper, count, keep } = this.#contender;
    const database = keep?.database ?? (await Database.create(this.#server));
    this.#database = database; // from here on it is dropped, whatever happens
    const job: Job = { url: database.url, first: keep?.next ?? 1, count: count(ms), ...(this.#broker === undefined ? {} : { broker: this.#broker }) };
    if (keep?.database === undefined) await this.#process('prepare', job);
    await database.settle();
    const before = await effectsIn(database.url, keeper);
    await this.#site.quiet();
    const report = JSON.parse(await this.#process('run', job)) as Report;
    this.#verify(before, await effectsIn(database.url, keeper), report.messages);
    if (keep !== undefined) this.#keep(keep, database, job.first + job.count);
    return sampleOf(report);
  }

  async close(): Promise<void> {
    if (this.#database !== this.#contender.keep?.database) await this.#database?.drop();
  }

  #keep(kept: Kept, database: Database, next: number): void {
    if (kept.database === undefined) this.#site.atEnd(() => database.drop());
    kept.database = database;
    kept.next = next;
  }

  #verify(before: Effects, after: Effects, messages: number): void {
    const { handled, payments, distinct, outbox } = this.#contender.effects;
    verify(before, after, { handled: handled * messages, payments: payments * messages, distinct: distinct * messages, outbox: outbox * messages });
  }

  /** What was compiled when the database was prepared is there when it is measured: compiling TypeScript takes memory that users do not spend. */
  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, NODE_COMPILE_CACHE: join(this.#site.folder, 'compiled') };
  }

  /** The last line that it printed. */
  async #process(phase: Phase, job: Job): Promise<string> {
    const { program, options } = this.#contender;
    const file = join(import.meta.dirname, '..', program);
    const line = [...process.execArgv, file, phase, JSON.stringify({ ...job, ...options })];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, line, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', env: this.#environment() });
      return stdout.trimEnd().split('\n').at(-1) ?? '';
    } catch (error) {
      const { stderr, killed } = error as { readonly stderr: string; readonly killed: boolean };
      console.error(stderr.trim());
      const reason = killed ? `took more than ${TIMEOUT_MS / 1000} s` : `failed: ${stderr.split('\n').find((line) => /error/i.test(line))}`;
      throw new Error(`${program} ${phase} ${JSON.stringify(options ?? {})} ${reason}`);
    }
  }
}

/** A latency is measured at a rate that is given: no rate of its own. */
function sampleOf({ messages, spentMs, walBytes, p50Ms, p99Ms, ...memory }: Report): Sample {
  const speed = p50Ms === undefined || p99Ms === undefined ? { rate: (messages * 1000) / spentMs } : { p50Ms, p99Ms };
  return { ...speed, ...memory, ...(walBytes === undefined ? {} : { walBytes: walBytes / messages }) };
}
