import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { unprivileged } from './unprivileged.ts';

/** A process that is told apart from a later one with the same id. */
export interface Identity {
  readonly pid: number;
  readonly born: string;
}

/** Whom a process runs as; as this one where it says nothing. */
type SpawnUser = Pick<SpawnOptions, 'uid' | 'gid'>;

const PATIENCE_MS = 10_000;
const POLL_MS = 20;

/** When a process was born, in words of the system's own without white space; undefined where it is dead, a zombie included. */
export function bornAt(pid: number): string | undefined {
  const [state, born] = process.platform === 'linux' ? linuxStatus(pid) : posixStatus(pid);
  return state === undefined || state.startsWith('Z') ? undefined : born;
}

/** Whether the process still runs. */
export function isAlive({ pid, born }: Identity): boolean {
  return bornAt(pid) === born;
}

/** Starts a server that outlives this process, never as root unless `user` says so, for what gives up its rights by itself; it writes to the file `log` of its folder. */
export function launch(command: string, options: readonly string[], folder: string, user: SpawnUser = unprivileged() ?? {}): number {
  const log = openSync(logOf(folder), 'a');
  const child = spawn(command, options, { cwd: folder, detached: true, stdio: ['ignore', log, log], ...user });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  if (child.pid === undefined) throw new Error(`${command} cannot be started`);
  return child.pid;
}

/** The last lines that a server of `launch()` wrote. */
export function lastWords(folder: string): string {
  return readFileSync(logOf(folder), 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}

/** Ends this process and no other; by force where it does not heed the signal in time. */
export async function end(it: Identity, signal: NodeJS.Signals, patienceMs = PATIENCE_MS): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  if (isAlive(it)) send(it, signal);
  while (isAlive(it)) {
    if (Date.now() > deadlineMs) send(it, 'SIGKILL');
    await setTimeout(POLL_MS);
  }
}

/** It may die just before it gets the signal. */
function send({ pid }: Identity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function logOf(folder: string): string {
  return join(folder, 'log');
}

/** State and birth, in ticks since the system started. The name before them is in brackets and may hold anything. */
function linuxStatus(pid: number): readonly (string | undefined)[] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [fields[0], fields[19]];
  } catch {
    return [];
  }
}

function posixStatus(pid: number): readonly (string | undefined)[] {
  try {
    const [state, ...born] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return [state, born.join('_')];
  } catch {
    return [];
  }
}
