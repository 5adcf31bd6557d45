import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import type { BrokerName } from '../servers/servers.ts';

/** What the process of a contender is told. */
export interface Job {
  /** A database of its own. */
  readonly url: string;
  /** The broker that it asked for. */
  readonly broker?: { readonly name: BrokerName; readonly url: string };
  /** Its messages are the orders from this number on. */
  readonly first: number;
  readonly count: number;
}

/** What the process of a contender answers. */
export interface Report {
  readonly messages: number;
  readonly spentMs: number;
  /** What was written to the database's log meanwhile. */
  readonly walBytes?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly peakMb?: number;
  /** Memory held over the first and the last tenth of the messages. */
  readonly firstMb?: number;
  readonly lastMb?: number;
}

/** A contender in a process of its own. */
export interface Program<Options> {
  /** Makes tables and the backlog, untimed, in another process: what that takes does not count. */
  prepare(job: Job & Options): Promise<void>;
  /** Handles the messages. */
  run(job: Job & Options): Promise<Report>;
}

/** What a process is told on its command line. */
export type Phase = keyof Program<unknown>;

/** Does what the command line says, `prepare` or `run` with the job as JSON, prints the report as a line of JSON, and ends the process. */
export async function serve<Options>(program: Program<Options>): Promise<never> {
  const [phase, job] = [process.argv[2] as Phase, JSON.parse(process.argv[3] ?? '{}') as Job & Options];
  const report = await program[phase](job);
  if (report !== undefined) console.log(JSON.stringify({ ...report, peakMb: peakMb() }));
  process.exit(0); // whatever a peer still has open
}

/** Times work, and the log that it writes. */
export async function timed(admin: Client, messages: number, work: () => Promise<unknown>): Promise<Report> {
  const before = await logPosition(admin);
  const startMs = performance.now();
  await work();
  const spentMs = performance.now() - startMs;
  return { messages, spentMs, walBytes: (await logPosition(admin)) - before };
}

/** Resolves once a query gives no row any more: the queue is empty. */
export async function drained(admin: Client, query: string): Promise<void> {
  while ((await admin.query(query)).rowCount !== 0) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function logPosition(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ position: string }>(`select pg_current_wal_lsn() - '0/0'::pg_lsn as position`);
  return Number(rows[0]?.position);
}

/** The process's own: what `resourceUsage` says begins with the memory of the process that started this one. */
function peakMb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
