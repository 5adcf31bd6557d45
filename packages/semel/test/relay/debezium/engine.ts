import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readableFolder, servicesFolder } from '../../../../../scripts/services/folders.ts';
import { programOf } from '../../../../../scripts/services/system-program.ts';

const RELEASE = 'debezium-3.6.1';
const FETCH_MS = 600_000;
const LIMIT_MS = 60_000;

/** What the engine hands on. */
export interface Routed {
  readonly topic: string;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What it takes to run the engine: a JVM, and its jars from Maven's registry, which are kept. Throws with the reason where either is not to be had. */
export async function debezium(): Promise<{ readonly java: string; readonly jars: string }> {
  const java = await programOf('java', 'default-jdk-headless');
  const cache = readableFolder(join(servicesFolder(), 'cache'));
  const jars = join(cache, RELEASE);
  if (existsSync(jars)) return { java, jars };
  const maven = await programOf('mvn', 'maven');
  const fetched = mkdtempSync(join(cache, 'fetch-'));
  const command = ['--quiet', '--batch-mode', '--file', join(import.meta.dirname, 'pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime'];
  await promisify(execFile)(maven, [...command, `-DoutputDirectory=${fetched}`], { timeout: FETCH_MS });
  renameSync(fetched, jars);
  return { java, jars };
}

/** The engine in a process of its own. */
export class Engine implements AsyncDisposable {
  /** As they came, repetitions too. */
  readonly routed: Routed[] = [];
  readonly #command: readonly [string, ...string[]];
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #said = '';

  /** @param properties its configuration, but for the file of its offsets */
  constructor({ java, jars }: { readonly java: string; readonly jars: string }, properties: string) {
    this.#folder = mkdtempSync(join(servicesFolder(), 'debezium-'));
    const file = join(this.#folder, 'outbox.properties');
    writeFileSync(file, `${properties}\noffset.storage.file.filename=${join(this.#folder, 'offsets')}\n`);
    this.#command = [java, '-Xmx256m', '-cp', join(jars, '*'), join(import.meta.dirname, 'Outbox.java'), file];
  }

  /** Starts it, or starts it again where it was killed. */
  start(): void {
    const [java, ...given] = this.#command;
    const child = spawn(java, given, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.routed.push(JSON.parse(line) as Routed));
    child.stderr.on('data', (text) => (this.#said = `${this.#said}${text}`.slice(-4_000)));
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Resolves once `holds` does. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const limitMs = Date.now() + LIMIT_MS;
    while (!(await holds())) {
      if (Date.now() > limitMs || this.#child?.exitCode) throw new Error(`still not: ${what}; the engine said: ${this.#said}`);
      await sleep(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
