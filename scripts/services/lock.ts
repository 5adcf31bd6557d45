import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { bornAt } from './process.ts';

const POLL_MS = 50;

/** Does `work` while no other process does its own under the same lock file. A lock whose holder is dead is broken. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!taken(file)) {
    if (isStale(file)) rmSync(file, { force: true });
    else await setTimeout(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function taken(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid} ${bornAt(process.pid)}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(file: string): boolean {
  try {
    const [pid, born] = readFileSync(file, 'utf8').split(' ', 2);
    return born !== undefined && bornAt(Number(pid)) !== born;
  } catch {
    return false;
  }
}
