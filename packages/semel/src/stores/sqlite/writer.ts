import { SemelError } from '../../core/errors.ts';
import { Mutex } from '../../core/mutex.ts';
import type { Runtime } from '../../core/runtime.ts';
import type { Connection } from './connection.ts';
import { isBusy, isTrouble } from './sqlite-errors.ts';

/** Waiters try again every 0.5 to 2 ms, so a gap of 3 ms lets each of them in. */
const GAP_MS = 3;
/** How long this process may commit back to back before it leaves a gap: where others were seen to write, and where not. */
const TURN_MS = { shared: 20, alone: 500 };
/** How often to look for others. */
const LOOK_MS = 20;
/** For how long others count as seen. */
const SEEN_MS = 1000;

/**
 * The one connection that writes. Its transactions stand in line within the process (no foreign statement may slip in across an
 * `await`), and wait for other processes without blocking the event loop.
 */
export class Writer {
  readonly #reopen: () => Connection;
  readonly #runtime: Runtime;
  readonly #lockTimeoutMs: number;
  readonly #mutex = new Mutex();
  #release: () => void = () => {};
  #connection: Connection | undefined;
  #closed = false;
  #version: number | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #seenMs = Number.NEGATIVE_INFINITY;
  #turnSinceMs = 0;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(connection: Connection, reopen: () => Connection, runtime: Runtime, lockTimeoutMs: number) {
    this.#connection = connection;
    this.#reopen = reopen;
    this.#runtime = runtime;
    this.#lockTimeoutMs = lockTimeoutMs;
  }

  /**
   * Waits for its turn and for the write lock. Whoever gets the connection ends with {@link commit} or {@link rollback}.
   * @throws SemelError `store-busy` after `lockTimeoutMs`, `store-closed`, other `store-*` codes
   */
  async begin(lockTimeoutMs: number = this.#lockTimeoutMs): Promise<Connection> {
    if (this.#closed) throw new SemelError('store-closed', 'the SQLite store is closed');
    this.#release = await this.#mutex.acquire();
    try {
      await this.#giveWay();
      const connection = await retryBusy(() => this.#beginNow(), this.#runtime, lockTimeoutMs);
      this.#noticeOthers(connection);
      return connection;
    } catch (error) {
      if (isTrouble(error)) this.#discard();
      this.#release();
      throw error;
    }
  }

  /** Commits, and lets the next in. On an error the transaction is still to be rolled back. */
  commit(): void {
    this.#connection?.run('commit');
    this.#end();
  }

  /** Undoes what is open, and lets the next in. `inDoubt` gives the connection up. Never throws. */
  rollback(inDoubt: boolean): void {
    if (!this.#undo() || inDoubt) this.#discard();
    this.#end();
  }

  /** Runs a synchronous body in a transaction of its own. */
  async transact<Result>(body: (connection: Connection) => Result, lockTimeoutMs?: number): Promise<Result> {
    const connection = await this.begin(lockTimeoutMs);
    let result: Result;
    try {
      result = body(connection);
      connection.run('commit');
    } catch (error) {
      this.rollback(isTrouble(error));
      throw error;
    }
    this.#end();
    return result;
  }

  /** Lets nobody else in line, waits for those who are, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#release = await this.#mutex.acquire();
    this.#discard();
    this.#release();
  }

  #beginNow(): Connection {
    this.#connection ??= this.#reopen();
    this.#connection.run('begin immediate');
    return this.#connection;
  }

  #undo(): boolean {
    try {
      if (this.#connection?.isTransaction) this.#connection.run('rollback');
      return true;
    } catch {
      return false;
    }
  }

  #discard(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#version = undefined;
  }

  #end(): void {
    this.#endedMs = this.#runtime.clock.now();
    this.#release();
  }

  /** SQLite's lock is not fair: who commits back to back would keep it for ever from those who poll for it. */
  async #giveWay(): Promise<void> {
    const nowMs = this.#runtime.clock.now();
    const rested = nowMs - this.#endedMs > GAP_MS;
    const turnMs = nowMs - this.#seenMs < SEEN_MS ? TURN_MS.shared : TURN_MS.alone;
    if (!rested && nowMs - this.#turnSinceMs < turnMs) return;
    if (!rested) await this.#runtime.scheduler.sleep(GAP_MS);
    this.#turnSinceMs = this.#runtime.clock.now();
  }

  /** `data_version` changes when another connection has committed. */
  #noticeOthers(connection: Connection): void {
    const nowMs = this.#runtime.clock.now();
    if (this.#version !== undefined && nowMs - this.#lookedMs < LOOK_MS && nowMs >= this.#lookedMs) return;
    this.#lookedMs = nowMs;
    const version = connection.get<{ data_version: number }>('pragma data_version')?.data_version;
    if (this.#version !== undefined && version !== this.#version) this.#seenMs = nowMs;
    this.#version = version;
  }
}

/**
 * Tries again, at jittered intervals, what another connection's lock forbids just now.
 * @throws SemelError `store-busy` after `timeoutMs`; any other error at once
 */
export async function retryBusy<Result>(attempt: () => Result, runtime: Runtime, timeoutMs: number): Promise<Result> {
  const endMs = runtime.clock.now() + timeoutMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (runtime.clock.now() >= endMs) throw new SemelError('store-busy', `${(error as Error).message}; waited ${timeoutMs} ms`, { cause: error });
    }
    await runtime.scheduler.sleep(0.5 + runtime.random() * 1.5);
  }
}
