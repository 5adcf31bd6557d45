import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  /** Ends the process, with no chance to clean up, if this is where it is to die. */
  at(step: string, payment: string): void {
    if (this.#steps.get(payment) !== step) return;
    const happened = join(this.#folder, `crashed-${payment}`);
    if (mkdirSync(happened, { recursive: true }) === undefined) return; // it was there already: another process died here
    process.kill(process.pid, 'SIGKILL');
  }
}
