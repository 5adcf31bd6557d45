import { checkedFault, type RequestFault } from './request-fault.ts';
import { type Span, StreamSearch } from './stream-search.ts';

/** A fault that has not happened yet. */
export class ArmedFault {
  readonly fault: RequestFault;
  /** Resolves once the fault has happened; rejects where it was disarmed. */
  readonly fired: Promise<void>;
  readonly #outcome: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #searches = new WeakMap<object, StreamSearch>();
  #pending = true;
  /** A connection has sent its request. */
  taken = false;

  constructor(fault: RequestFault) {
    this.fault = fault;
    this.fired = this.#outcome.promise;
  }

  get pending(): boolean {
    return this.#pending;
  }

  fire(): void {
    this.#pending = false;
    this.#outcome.resolve();
  }

  disarm(reason: unknown): void {
    this.#pending = false;
    this.#outcome.reject(reason);
  }

  /** Where its request is in the bytes that come next on a connection. */
  find(connection: object, bytes: Buffer): Span | undefined {
    const search = this.#searches.get(connection) ?? new StreamSearch(this.fault.request);
    this.#searches.set(connection, search);
    return search.next(bytes);
  }
}

/** The faults of a proxy that have not happened yet. */
export class ArmedFaults {
  readonly #armed = new Set<ArmedFault>();

  /** @throws SemelError `bad-option` */
  arm(options: RequestFault): Promise<void> {
    const armed = new ArmedFault(checkedFault(options));
    const { signal } = armed.fault;
    const abort = () => armed.disarm(signal?.reason);
    const forget = () => {
      this.#armed.delete(armed);
      signal?.removeEventListener('abort', abort);
    };
    this.#armed.add(armed);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    armed.fired.then(forget, forget); // also keeps a rejection that nobody awaits from ending the process
    return armed.fired;
  }

  /** The fault whose request is complete first with these bytes. It is the connection's from now on. */
  take(connection: object, bytes: Buffer): { readonly armed: ArmedFault; readonly span: Span } | undefined {
    const found = [...this.#armed].flatMap((armed) => {
      const span = armed.pending && !armed.taken ? armed.find(connection, bytes) : undefined;
      return span === undefined ? [] : [{ armed, span }];
    });
    const first = found.sort((a, b) => a.span.end - b.span.end)[0];
    if (first !== undefined) first.armed.taken = true;
    return first;
  }

  disarm(reason: unknown): void {
    for (const armed of this.#armed) armed.disarm(reason);
  }
}
