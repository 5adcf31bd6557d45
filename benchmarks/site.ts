import { isQuiet, type Probe, probe } from './machine.ts';
import type { Servers } from './servers/servers.ts';

/** Where contenders run: a folder for files, servers that start when they are first asked for, and a look at the machine. */
export class Site {
  readonly folder: string;
  readonly servers: Servers;
  /** What {@link Site.look} and {@link Site.quiet} saw, oldest first. */
  readonly probes: Probe[] = [];
  readonly #patienceMs: number;
  readonly #endings: (() => Promise<void>)[] = [];

  /** @param patienceMs how long to wait for a machine that is busy */
  constructor(folder: string, servers: Servers, patienceMs: number) {
    this.folder = folder;
    this.servers = servers;
    this.#patienceMs = patienceMs;
  }

  /** Has something done when everything is measured. */
  atEnd(ending: () => Promise<void>): void {
    this.#endings.push(ending);
  }

  /** Ends the servers, after what else was to be done. */
  async close(): Promise<void> {
    for (const ending of this.#endings) await ending();
    await this.servers.stop();
  }

  /** Looks how busy the machine is. */
  async look(): Promise<Probe> {
    const state = await probe(this.folder);
    this.probes.push(state);
    return state;
  }

  /** Waits for a quiet machine: what the contender before left behind, and others' work, would count otherwise. */
  async quiet(): Promise<void> {
    const deadlineMs = performance.now() + this.#patienceMs;
    let state = await probe(this.folder);
    while (!isQuiet(state) && performance.now() < deadlineMs) state = await probe(this.folder);
    this.probes.push(state);
    if (!isQuiet(state)) console.error(`the machine is not quiet: ${Math.round(state.idle * 100)} % idle, fdatasync ${state.syncP90Us} µs; the next figure is worth little`);
  }
}
