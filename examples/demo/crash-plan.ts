import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a process is to die: at this step, with this payment in hand. */
export interface Crash {
  readonly payment: string;
  /** `between` in the naive loops: between acknowledgement and charge. In Semel a lifecycle event. */
  readonly step: string;
}

const FILE = 'crashes.json';

/** The crashes that all workers of a column share; each happens once. */
export class CrashPlan {
  readonly #folder: string;
  readonly #steps: ReadonlyMap<string, string>;

  /** Reads the plan from the column's folder. */
  constructor(folder: string) {
    const crashes: readonly Crash[] = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
    this.#folder = folder;
    this.#steps = new Map(crashes.map(({ payment, step }) => [payment, step]));
  }

  /** Puts the plan into the column's folder. */
  static write(folder: string, crashes: readonly Crash[]): void {
    writeFileSync(join(folder, FILE), JSON.stringify(crashes));
  }

  /** Whether a process is about to die by the plan, or has. */
  static dooms(folder: string, pid: number): boolean {
    return existsSync(join(folder, `doomed-${pid}`));
  }

  /** Ends the process, with no chance to clean up, if this is where it is to die. */
  at(step: string, payment: string): void {
    if (this.#steps.get(payment) !== step) return;
    const isNew = mkdirSync(join(this.#folder, `crashed-${payment}`), { recursive: true }) !== undefined;
    if (!isNew) return; // another process died here
    mkdirSync(join(this.#folder, `doomed-${process.pid}`));
    process.kill(process.pid, 'SIGKILL');
  }
}
