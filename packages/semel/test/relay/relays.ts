import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Mode } from './relay-service.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];

/** A relay in a process of its own. */
export interface RelayProcess {
  readonly name: string;
  /** The codes of the troubles that it told of. */
  readonly troubles: readonly string[];
  signal(signal: NodeJS.Signals): void;
  /** Ends it as a crash does; resolves once it is gone. */
  kill(): Promise<void>;
}

/** Relays of one database to one sink. */
export class Relays implements AsyncDisposable {
  readonly #url: string;
  readonly #port: number;
  readonly #running = new Set<RelayProcess>();
  #count = 0;

  constructor(url: string, port: number) {
    this.#url = url;
    this.#port = port;
  }

  /** Starts one; resolves once it relays. */
  async start(mode: Mode, { notify = false }: { readonly notify?: boolean } = {}): Promise<RelayProcess> {
    const name = `relay ${++this.#count}`;
    const child = fork(join(import.meta.dirname, 'relay-process.ts'), [this.#url, mode, String(this.#port), name, String(notify)], { execArgv: FLAGS });
    const troubles: string[] = [];
    const relay = { name, troubles, signal: (signal: NodeJS.Signals) => void child.kill(signal), kill: () => ended(child) };
    this.#running.add(relay);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`${name} ended before it had started`)));
      child.on('message', (said) => (said === 'started' ? resolve() : troubles.push(String(said))));
    });
    return relay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((relay) => relay.kill()));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
