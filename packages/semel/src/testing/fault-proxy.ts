import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { SemelError } from '../core/errors.ts';
import { badOption, checkOptions, nonNegativeMs, oneOf } from '../core/options.ts';
import { ArmedFaults } from './fault-proxy/armed-faults.ts';
import { Connection } from './fault-proxy/connection.ts';
import type { Conditions, Direction } from './fault-proxy/lane.ts';
import type { RequestFault } from './fault-proxy/request-fault.ts';

const LOOPBACK = '127.0.0.1';

/** Options of {@link faultProxy}. */
export interface FaultProxyOptions {
  /** Where the server listens. @default host: '127.0.0.1' */
  readonly to: { readonly host?: string; readonly port: number };
}

/** A TCP proxy whose faults a test decides. Bytes go through unchanged and in order, until a fault says otherwise. */
export interface FaultProxy extends AsyncDisposable {
  /** Where clients connect to: an address of the loopback interface. */
  readonly host: string;
  readonly port: number;
  /** Connections that are open, on the client's side or the server's. */
  readonly connections: number;
  /** Heals the network: ends {@link cut}, {@link delay} and {@link hold}, and disarms what {@link once} has armed. */
  pass(): void;
  /** Resets all connections, on both sides, and, until {@link pass}, every new one as soon as it was accepted. What was on its way may be lost. */
  cut(): void;
  /**
   * Delays each byte, as a longer way would: those on their way at once do not add up. Up to 1 MiB is on its way per connection and direction. 0 ends it.
   * @param direction @default both, so that a round trip takes twice as long
   */
  delay(ms: number, direction?: Direction): void;
  /**
   * Keeps back, until {@link release}, what is sent in a direction, the end of the connection too; nobody is told.
   * @param direction @default 'replies'
   */
  hold(direction?: Direction): void;
  /** Lets go what {@link hold} and `hold-reply` keep back, and holds no more. */
  release(): void;
  /**
   * Lets a fault happen to the next request that fits, once. Several may be armed; a connection meets them one after another.
   *
   * @returns resolves once the client was reset or the reply is held; rejects with the reason of `signal`, or with `not-running` when {@link pass} or
   *   {@link close} or the end of the connection comes first. A rejection that nobody awaits does no harm.
   * @throws SemelError `bad-option`, or `not-running` after {@link close}
   */
  once(fault: RequestFault): Promise<void>;
  /** Resets all connections and stops listening. Resolves when all is closed. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free port, between a client and any server that speaks TCP: a database or a broker. It knows no protocol and cannot look into TLS.
 *
 * @example
 * await using proxy = await faultProxy({ to: { port: 5432 } });
 * const cut = proxy.once({ request: 'COMMIT\0', then: 'cut-reply' }); // committed, and the client cannot know
 * @throws SemelError `bad-option`
 */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  checkOptions('faultProxy()', options, ['to']);
  checkOptions('faultProxy() `to`', options.to, ['host', 'port']);
  const { host = LOOPBACK, port } = options.to;
  if (typeof host !== 'string' || host === '') throw badOption('faultProxy() `to`', 'host', host, 'the name or address of a host');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badOption('faultProxy() `to`', 'port', port, 'an integer from 1 to 65535');
  const listener = createServer({ allowHalfOpen: true, noDelay: true });
  listener.listen(0, LOOPBACK);
  await once(listener, 'listening');
  return new TcpFaultProxy(listener, { host, port });
}

class TcpFaultProxy implements FaultProxy {
  readonly host = LOOPBACK;
  readonly port: number;
  readonly #to: { readonly host: string; readonly port: number };
  readonly #listener: Server;
  readonly #connections = new Set<Connection>();
  readonly #faults = new ArmedFaults();
  readonly #conditions: Readonly<Record<Direction, Conditions>> = { requests: { delayMs: 0, held: false }, replies: { delayMs: 0, held: false } };
  #down = false;
  #closed: Promise<void> | undefined;

  constructor(listener: Server, to: { readonly host: string; readonly port: number }) {
    this.port = (listener.address() as AddressInfo).port;
    this.#to = to;
    this.#listener = listener.on('connection', (client) => this.#accept(client));
  }

  get connections(): number {
    return this.#connections.size;
  }

  pass(): void {
    this.#down = false;
    this.#faults.disarm(new SemelError('not-running', 'once(): pass() came before the fault happened'));
    this.delay(0);
    this.release();
  }

  cut(): void {
    this.#down = true;
    for (const connection of this.#connections) connection.cut();
  }

  delay(ms: number, direction?: Direction): void {
    nonNegativeMs('delay()', 'ms', ms);
    for (const conditions of this.#of(direction, 'delay()')) conditions.delayMs = ms;
    for (const connection of this.#connections) connection.run();
  }

  hold(direction: Direction = 'replies'): void {
    for (const conditions of this.#of(direction, 'hold()')) conditions.held = true;
  }

  release(): void {
    for (const conditions of Object.values(this.#conditions)) conditions.held = false;
    for (const connection of this.#connections) connection.release();
  }

  once(fault: RequestFault): Promise<void> {
    if (this.#closed !== undefined) throw new SemelError('not-running', 'once(): the proxy is closed');
    return this.#faults.arm(fault);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const stopped = once(this.#listener, 'close');
    this.#listener.close();
    this.#faults.disarm(new SemelError('not-running', 'once(): the proxy was closed before the fault happened'));
    this.cut();
    await Promise.all([stopped, ...Array.from(this.#connections, ({ closed }) => closed)]);
  }

  #accept(client: Socket): void {
    if (this.#down) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...this.#to, allowHalfOpen: true, noDelay: true });
    const connection = new Connection(client, server, { faults: this.#faults, ...this.#conditions });
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  #of(direction: Direction | undefined, where: string): readonly Conditions[] {
    if (direction === undefined) return Object.values(this.#conditions);
    return [this.#conditions[oneOf(where, 'direction', direction, ['requests', 'replies'])]];
  }
}
