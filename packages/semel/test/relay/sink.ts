import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A message as a relay sends it: a line of JSON. */
export interface Sent {
  readonly relay: string;
  readonly id: string;
  readonly key: string;
  readonly number: number;
}

/** Takes a message, as late as it likes, or says `refused` for now. */
export type Answer = (sent: Sent) => unknown;

/**
 * What relays publish to: a server in a process of its own, as far as they are concerned. It records what comes in its order, answers each after a
 * moment, and notes where two relays are at work on one key.
 */
export class Sink implements AsyncDisposable {
  /** As they came, repetitions too. */
  readonly received: Sent[] = [];
  /** Keys that two relays sent at once. */
  readonly clashes: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What is received and not yet answered, by key. */
  readonly #open = new Map<string, Socket>();
  #answer: Answer = () => {};
  #changed = Promise.withResolvers<void>();

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  /** Listens on a free port. */
  static async open(): Promise<Sink> {
    const sink = new Sink();
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    return (this.#server.address() as { readonly port: number }).port;
  }

  /** The ids, each where it came first. */
  get ids(): readonly string[] {
    return [...new Set(this.received.map(({ id }) => id))];
  }

  /** How it answers from now on. */
  answer(answer: Answer): void {
    this.#answer = answer;
  }

  /** Resolves once `holds` does, which is asked whenever something has come. */
  async until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
    const limit = AbortSignal.timeout(limitMs);
    while (!holds()) {
      await Promise.race([this.#changed.promise, sleep(50)]);
      if (limit.aborted) throw new Error(`after ${limitMs} ms still not: ${what}; ${this.received.length} received, ${this.ids.length} of them distinct`);
    }
  }

  /** The numbers of each key, each where it came first. */
  orderOf(key: string): readonly number[] {
    return [...new Set(this.received.filter((sent) => sent.key === key).map(({ number }) => number))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      for (const [key, owner] of this.#open) if (owner === socket) this.#open.delete(key);
    });
    const lines = createInterface({ input: socket });
    lines.on('error', () => {}); // a relay that is killed
    lines.on('line', (line) => void this.#take(socket, JSON.parse(line) as Sent));
  }

  async #take(socket: Socket, sent: Sent): Promise<void> {
    const owner = this.#open.get(sent.key);
    if (owner !== undefined && owner !== socket) this.clashes.push(sent.key);
    this.#open.set(sent.key, socket);
    this.received.push(sent);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    const refused = (await this.#answer(sent)) === 'refused';
    if (this.#open.get(sent.key) === socket) this.#open.delete(sent.key);
    socket.write(`${JSON.stringify({ id: sent.id, refused })}\n`);
  }
}
