import type { Runtime } from '../../../core/runtime.ts';
import { within } from '../within.ts';
import { Confirmation, type OpenCommit } from './confirmation.ts';
import { formatLsn, type Lsn, parseLsn } from './lsn.ts';
import type { PgoutputMessage, ReplicationClient, ReplicationModule, ReplicationService } from './replication.ts';

/** How often the server is told how far its log is confirmed, and asked for a sign of life: far below any sensible wal_sender_timeout. */
const STATUS_MS = 1_000;
/** A server that says nothing for so long is gone. While it reads through a large transaction it is silent for half of its wal_sender_timeout. */
const SILENCE_MS = 120_000;
/** How long the goodbye may take. */
const STOP_MS = 2_000;

/** What to read, and how to get there. */
export interface SlotAddress {
  readonly module: ReplicationModule;
  readonly connection: unknown;
  readonly slot: string;
  readonly publication: string;
}

/** Who is told what the slot brings. */
export interface SlotEvents {
  /** The connection stands, and nothing is read yet: makes on it whatever is missing, and tells how far the slot is confirmed. */
  connected(client: ReplicationClient): Promise<Lsn>;
  /** From now on this process has the slot, and no other. */
  started(): void;
  inserted(row: Readonly<Record<string, unknown>>, commit: OpenCommit): void;
  committed(): void;
}

/**
 * Reads a slot on one connection, once. Nothing is confirmed that somebody still holds, and nothing by itself: the module's own confirmations
 * tell the server that all is through that was received.
 */
export class SlotReader {
  readonly #address: SlotAddress;
  readonly #events: SlotEvents;
  readonly #runtime: Runtime;
  readonly #service: ReplicationService;
  #confirmation = new Confirmation(0n);
  /** The transaction that is coming in. */
  #commit: OpenCommit | undefined;
  #complete: () => void = () => {};
  #heardMs: number;
  #cancelStatus: () => void = () => {};
  #ended = false;
  #end: (error?: unknown) => void = () => {};

  constructor(address: SlotAddress, events: SlotEvents, runtime: Runtime) {
    this.#address = address;
    this.#events = events;
    this.#runtime = runtime;
    this.#heardMs = runtime.clock.now();
    this.#service = new address.module.LogicalReplicationService(address.connection, { acknowledge: { auto: false, timeoutSeconds: 0 } });
  }

  /** Resolves once it is closed; rejects with why it ended by itself. */
  async read(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#service.on('error', (error) => this.#end(error ?? new Error('the connection was lost')));
    this.#service.on('start', () => this.#start());
    this.#service.on('heartbeat', (lsn: string, _time: number, asked: boolean) => this.#beat(lsn, asked));
    this.#service.subscribe(this.#plugin(), this.#address.slot).then(
      () => this.#end(new Error('the server ended the stream')),
      (error: unknown) => this.#end(error),
    );
    try {
      await ended;
    } finally {
      this.#ended = true;
      this.#cancelStatus();
      await within(STOP_MS, this.#service.stop()).catch(() => {});
    }
  }

  /** Ends the reading. */
  close(error?: unknown): void {
    this.#end(error);
  }

  /** Tells the server how far everything is through. */
  confirm(ping = false): void {
    if (!this.#ended) this.#service.acknowledge(formatLsn(this.#confirmation.lsn), ping).catch(() => {}); // a lost connection is told of elsewhere
  }

  /** The user's plugin. What it or we throw must not be thrown in the event of a socket, which would end the process. */
  #plugin(): object {
    const plugin = new this.#address.module.PgoutputPlugin({ protoVersion: 1, publicationNames: [this.#address.publication] });
    return {
      name: 'pgoutput',
      start: async (client: ReplicationClient, slot: string, lsn: string) => {
        this.#confirmation = new Confirmation((await this.#events.connected(client)) - 1n);
        return plugin.start(client, slot, lsn);
      },
      parse: (bytes: unknown) => {
        try {
          if (!this.#ended) this.#take(plugin.parse(bytes) as PgoutputMessage);
        } catch (error) {
          this.#end(error);
        }
      },
    };
  }

  #start(): void {
    this.#events.started();
    this.#statusLater();
  }

  #take(message: PgoutputMessage): void {
    this.#heardMs = this.#runtime.clock.now();
    switch (message.tag) {
      case 'begin':
        this.#commit = this.#confirmation.begin(parseLsn(message.commitLsn), message.xid >>> 0);
        this.#complete = this.#commit.hold();
        return;
      case 'insert':
        return void (this.#commit && this.#events.inserted(message.new, this.#commit));
      case 'commit':
        this.#complete();
        this.#commit = undefined;
        return this.#events.committed();
    }
  }

  /** An answer to each would be a storm; none at all is a disconnect. */
  #beat(lsn: string, asked: boolean): void {
    this.#heardMs = this.#runtime.clock.now();
    this.#confirmation.passed(parseLsn(lsn));
    if (asked) this.confirm();
  }

  #statusLater(): void {
    this.#cancelStatus = this.#runtime.scheduler.after(STATUS_MS, () => {
      if (this.#runtime.clock.now() - this.#heardMs > SILENCE_MS) return this.#end(new Error(`the server was silent for ${SILENCE_MS / 1000} s`));
      this.confirm(true);
      this.#statusLater();
    });
  }
}
