import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type FaultProxy, faultProxy } from '../fault-proxy.ts';

/** Answers each line with the same line after `re:`, and keeps what it got. `quit` ends the connection, `hush` is not answered. */
export class LineServer {
  received = '';
  /** How connections ended: `end` for a FIN, `reset` for an error. */
  readonly endings: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server = createServer((socket) => this.#accept(socket));

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  gets(text: string): Promise<void> {
    return until(`the server gets ${JSON.stringify(text)}`, () => this.received.includes(text));
  }

  #accept(socket: Socket): void {
    let partial = '';
    this.sockets.push(socket);
    socket.on('end', () => this.endings.push('end'));
    socket.on('error', () => this.endings.push('reset'));
    socket.on('data', (bytes) => {
      this.received += bytes;
      partial += bytes;
      if (!bytes.includes('\n')) return;
      const lines = partial.split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) answer(socket, line);
    });
  }
}

function answer(socket: Socket, line: string): void {
  if (line === 'quit') socket.end();
  else if (line !== 'hush') socket.write(`re:${line}\n`);
}

/** A client that keeps what it got. */
export class LineClient {
  received = '';
  /** How its connection ended: `end`, or the code of the error. */
  ending: string | undefined;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ port, noDelay: true });
    this.socket.on('data', (bytes) => {
      this.received += bytes;
    });
    this.socket.on('end', () => {
      this.ending = 'end';
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.ending = error.code ?? error.message;
    });
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Sends one segment each, as far as a loopback connection allows. */
  async sendPieces(pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) {
      this.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Sends a line and waits for its answer. */
  async ask(line: string): Promise<void> {
    this.send(`${line}\n`);
    await this.gets(`re:${line}\n`);
  }

  gets(text: string): Promise<void> {
    return until(`the client gets ${JSON.stringify(text)}`, () => this.received.includes(text));
  }

  /** By a reset, or, where bytes came right before it, by what Node makes of that: an end. */
  ends(): Promise<void> {
    return until('the client loses its connection', () => this.ending !== undefined);
  }

  isReset(): Promise<void> {
    return until('the client is reset', () => this.ending === 'ECONNRESET');
  }
}

/** For this folder's tests: a server of lines, a proxy before it, and clients of the proxy. */
export class LineFixture implements AsyncDisposable {
  readonly server: LineServer;
  readonly proxy: FaultProxy;
  readonly #clients: LineClient[] = [];

  private constructor(server: LineServer, proxy: FaultProxy) {
    this.server = server;
    this.proxy = proxy;
  }

  static async start(): Promise<LineFixture> {
    const server = new LineServer();
    return new LineFixture(server, await faultProxy({ to: { port: await server.listen() } }));
  }

  client(proxy: FaultProxy = this.proxy): LineClient {
    const client = new LineClient(proxy.port);
    this.#clients.push(client);
    return client;
  }

  nothingIsOpen(): Promise<void> {
    return until('the proxy closes its connections', () => this.proxy.connections === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
    await this.server.close();
    for (const { socket } of this.#clients) socket.destroy();
  }
}

const LIMIT_MS = 5000;

/** Resolves when something is so; rejects, saying what is not, when it takes too long. Needs no timer, so that those can be faked. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const startMs = performance.now(); !isSo(); await new Promise((resolve) => setImmediate(resolve))) {
    if (performance.now() - startMs > LIMIT_MS) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
  }
}

/** Time for what must not happen. */
export function quiet(ms = 30): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
