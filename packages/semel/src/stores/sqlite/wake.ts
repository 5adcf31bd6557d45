import { type FSWatcher, watch } from 'node:fs';
import type { Scheduler } from '../../core/runtime.ts';
import type { Connection } from './connection.ts';

/**
 * After the log was written its commit is still to be synced and made visible: look again after these pauses, in ms,
 * until it is.
 */
const LOOKS_MS = [0, 1, 1, 2, 4, 8, 16, 32, 64, 128];

/** Tells those who wait for messages that some may have become ready: at once after a commit of this process, soon after one of another. */
export class Wake {
  readonly #listeners = new Set<() => void>();
  readonly #reader: Connection;
  readonly #scheduler: Scheduler;
  #watcher: FSWatcher | undefined;
  #chasing = false;
  #again = false;
  #version = 0;

  constructor(reader: Connection, scheduler: Scheduler) {
    this.#reader = reader;
    this.#scheduler = scheduler;
  }

  /** Adds a listener; the returned function removes it. The file is watched only while there is one. */
  watch(listener: () => void): () => void {
    const entry = () => listener();
    this.#listeners.add(entry);
    this.#watcher ??= this.#startWatching();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Calls every listener. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Stops watching. */
  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#listeners.clear();
  }

  /** Every commit writes to the log, and the log exists while a connection is open. Where the system cannot watch, polling has to do. */
  #startWatching(): FSWatcher | undefined {
    try {
      this.#version = this.#dataVersion();
      const watcher = watch(`${this.#reader.path}-wal`, { persistent: false }, () => this.#written());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  #written(): void {
    this.#again = true;
    if (this.#chasing) return;
    this.#chasing = true;
    this.#look(0);
  }

  #look(turn: number): void {
    if (this.#watcher === undefined) {
      this.#chasing = false;
      return;
    }
    if (turn === 0) this.#again = false;
    const version = this.#dataVersion();
    const visible = version !== this.#version;
    this.#version = version;
    if (visible) this.notify();
    const next = this.#again ? 0 : turn + 1;
    if ((visible && !this.#again) || next >= LOOKS_MS.length) this.#chasing = false;
    else this.#scheduler.after(LOOKS_MS[next] || 1, () => this.#look(next));
  }

  #dataVersion(): number {
    try {
      return this.#reader.get<{ data_version: number }>('pragma data_version')?.data_version ?? 0;
    } catch {
      return this.#version;
    }
  }
}
