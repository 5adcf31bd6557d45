import type { Socket } from 'node:net';
import { SemelError } from '../../core/errors.ts';
import type { ArmedFault, ArmedFaults } from './armed-faults.ts';
import { type Conditions, Lane } from './lane.ts';
import { StreamSearch } from './stream-search.ts';

/** What the connections of a proxy share. */
export interface ConnectionContext {
  readonly faults: ArmedFaults;
  readonly requests: Readonly<Conditions>;
  readonly replies: Readonly<Conditions>;
}

const ANY_BYTE = /./s;

/**
 * A client's connection and the one to the server that goes with it. Faults act at the server's end of the link: a request is met where it leaves its
 * lane, a reply where it enters its own.
 */
export class Connection {
  /** Resolves when both sides are closed. */
  readonly closed: Promise<void>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: ArmedFaults;
  readonly #requests: Lane;
  readonly #replies: Lane;
  /** The last one that met its request here; the next has to wait until it has happened. */
  #fault: ArmedFault | undefined;
  #awaited: { readonly reply: StreamSearch; readonly came: () => void } | undefined;

  constructor(client: Socket, server: Socket, { faults, requests, replies }: ConnectionContext) {
    this.#client = client;
    this.#server = server;
    this.#faults = faults;
    this.#requests = new Lane(client, server, requests);
    this.#replies = new Lane(server, client, replies);
    client.on('data', (bytes) => this.#requests.enter(() => this.#forward(bytes), bytes.length));
    client.on('end', () => this.#requests.enter(() => server.end()));
    client.on('error', () => this.#requests.enter(() => reset(server)));
    server.on('data', (bytes) => this.#answer(bytes));
    server.on('end', () => this.#answerEnds(() => client.end()));
    server.on('error', () => this.#answerEnds(() => reset(client)));
    this.closed = Promise.all([closing(client), closing(server)]).then(() =>
      this.#fault?.disarm(new SemelError('not-running', 'once(): the connection ended before the fault happened')),
    );
  }

  /** Lets go what the conditions no longer delay or hold. */
  run(): void {
    this.#requests.run();
    this.#replies.run();
  }

  /** The same, and what a fault keeps back here. */
  release(): void {
    this.#requests.run();
    this.#replies.release();
  }

  /** Resets both sides. */
  cut(): void {
    reset(this.#client);
    reset(this.#server);
  }

  #forward(bytes: Buffer): void {
    const met = this.#fault?.pending ? undefined : this.#faults.take(this, bytes);
    if (met === undefined) {
      this.#server.write(bytes);
      return;
    }
    this.#fault = met.armed;
    switch (met.armed.fault.then) {
      case 'cut-before-request':
        this.#server.write(bytes.subarray(0, met.span.start));
        return this.#cutClient(met.armed);
      case 'cut-after-request':
        return this.#cutAfter(bytes.subarray(0, met.span.end), met.armed);
      case 'cut-reply':
        return this.#awaitReply(bytes, met.armed, () => this.#cutClient(met.armed));
      case 'hold-reply':
        return this.#awaitReply(bytes, met.armed, () => this.#holdReplies(met.armed));
    }
  }

  #cutAfter(request: Buffer, armed: ArmedFault): void {
    this.#requests.drop();
    this.#replies.drop();
    this.#await(armed, () => this.#server.end());
    this.#server.write(request, (error) => {
      reset(this.#client);
      if (!error) armed.fire();
    });
  }

  /** Forwards `bytes`, and lets `act` happen in the place of the reply's first byte. */
  #awaitReply(bytes: Buffer, armed: ArmedFault, act: () => void): void {
    this.#await(armed, () => this.#replies.enter(() => armed.pending && act()));
    this.#server.write(bytes);
  }

  #await({ fault }: ArmedFault, came: () => void): void {
    this.#awaited = { reply: new StreamSearch(fault.reply ?? ANY_BYTE), came };
  }

  /** To the server the connection just ends: a reset could take away what it has not read yet. */
  #cutClient(armed: ArmedFault): void {
    this.#requests.drop();
    reset(this.#client);
    this.#server.end();
    armed.fire();
  }

  #holdReplies(armed: ArmedFault): void {
    this.#replies.hold();
    armed.fire();
  }

  #answer(bytes: Buffer): void {
    const start = this.#awaited?.reply.next(bytes)?.start;
    if (start !== undefined) {
      this.#replies.write(bytes.subarray(0, start));
      this.#replyCame();
    }
    this.#replies.write(bytes.subarray(start));
  }

  #answerEnds(act: () => void): void {
    this.#replyCame();
    this.#replies.enter(act);
  }

  #replyCame(): void {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    awaited?.came();
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** A reset waits for a connection that is still being made, and fails while a shutdown is under way. */
function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
