import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Contract, Publisher, PublishResult, SealedMessage, Transport } from 'semel';
import type { Order } from './orders.ts';
import type { Sent } from './sink.ts';

/** A transport to a {@link Sink}. @param relay what this process calls itself there */
export function sinkTransport(port: number, relay: string): Transport {
  return { name: 'sink', contract: CONTRACT, publisher: new SinkPublisher(port, relay) };
}

const source = 'packages/semel/test/relay/sink.ts';
const CONTRACT: Contract = {
  service: 'the sink of the relay tests',
  delivery: { value: 'at-least-once', source },
  ordering: { value: 'key', source },
  settlement: { value: 'one-by-one', source },
  takenBack: { value: 'connection', source },
  duplicates: { value: ['publish-retry'], source },
  redeliveryWindowMs: { value: null, source },
  redelivery: { value: [{ place: 'the sink', maxMs: null }], source },
  deadline: { value: null, source },
  delayedRetry: { value: false, source },
  countsAttempts: { value: false, source },
  attempts: { value: { most: null, then: 'kept' }, source },
  retention: { value: { defaultMs: null, maxMs: null }, source },
  dedupWindowMs: { value: 0, source },
  dedupKey: { value: 'none', source },
  messageId: { value: 'There is none.', source },
  fencedAcknowledgement: { value: false, source },
  maxMessageBytes: { value: null, source },
  maxBatch: { value: null, source },
  maxInFlight: { value: null, source },
  batchPublish: { value: 'each', source },
  batchSettlement: { value: 'none', source },
  acknowledgement: { value: 'There is none: nothing is received from it.', source },
  publishReply: { value: 'The sink has recorded it.', source },
};

/** Sends lines, and waits for the answers. */
class SinkPublisher implements Publisher {
  readonly keepsKeyOrder = false;
  readonly #port: number;
  readonly #relay: string;
  readonly #waiting = new Map<string, (result: PublishResult) => void>();
  #socket: Socket | undefined;

  constructor(port: number, relay: string) {
    this.#port = port;
    this.#relay = relay;
  }

  publish(messages: readonly SealedMessage[]): Promise<readonly PublishResult[]> {
    return Promise.all(messages.map(({ message }) => this.#send(message.id, message.data as Order)));
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
  }

  #send(id: string, { customer, number }: Order): Promise<PublishResult> {
    this.#socket ??= this.#connect();
    const sent: Sent = { relay: this.#relay, id, key: customer, number };
    this.#socket.write(`${JSON.stringify(sent)}\n`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => {});
    const lines = createInterface({ input: socket });
    lines.on('error', () => {});
    lines.on('line', (line) => {
      const { id, refused } = JSON.parse(line) as { readonly id: string; readonly refused: boolean };
      this.#waiting.get(id)?.(refused ? { kind: 'failed', error: new Error('refused for now'), retryable: true } : { kind: 'accepted' });
    });
    return socket;
  }
}
