import { randomUUID } from 'node:crypto';
import type { Bell } from '../../../core/bell.ts';
import type { SqsMessage } from './sqs-client.ts';
import { MAX_ENTRIES, type SqsQueue } from './sqs-queue.ts';

/** A request that may outlast who asked for it: what it brings is in hand then. */
export interface Poll {
  /** Rejects where SQS does not answer, or refuses. */
  readonly done: Promise<void>;
  over: boolean;
}

/** How messages are asked for. */
export interface SqsRequests {
  readonly queue: SqsQueue;
  readonly fifo: boolean;
  /** How long a request waits at SQS for something to come. */
  readonly waitSeconds: number;
  /** How long what is received is hidden from others. */
  readonly leaseMs: number;
}

/** Asks a queue for messages, and hands them to `received`. */
export class SqsReceiver {
  readonly #requests: SqsRequests;
  readonly #closed: AbortSignal;
  readonly #received: (messages: readonly SqsMessage[]) => void;
  readonly #bell: Bell;
  readonly #polls = new Set<Poll>();
  /** Those that nobody waits for any more. */
  readonly #adrift: Poll[] = [];

  constructor(requests: SqsRequests, closed: AbortSignal, received: (messages: readonly SqsMessage[]) => void, bell: Bell) {
    this.#requests = requests;
    this.#closed = closed;
    this.#received = received;
    this.#bell = bell;
  }

  /** A request that nobody waits for, or a new one; the bell rings when it is over. */
  poll(max: number): Poll {
    return this.#adrift.pop() ?? this.#begin(max);
  }

  /** Nobody waits for it now. A request that was ended would lose what is on its way: it goes on for whoever comes next. */
  leave(poll: Poll): void {
    if (!poll.over) this.#adrift.push(poll);
  }

  /** Resolves once no request is on its way. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#polls].map(({ done }) => done));
  }

  #begin(max: number): Poll {
    const poll: Poll = {
      over: false,
      done: this.#fetch(max).finally(() => {
        poll.over = true;
        this.#polls.delete(poll);
        this.#bell.ring();
      }),
    };
    poll.done.catch(() => {});
    this.#polls.add(poll);
    return poll;
  }

  /** Waits for messages; where they come in plenty, asks for as many more as are wanted. */
  async #fetch(max: number): Promise<void> {
    const came = await this.#request(Math.min(max, MAX_ENTRIES), this.#requests.waitSeconds);
    if (came < MAX_ENTRIES) return;
    await Promise.all(Array.from({ length: Math.ceil(max / MAX_ENTRIES) - 1 }, () => this.#request(MAX_ENTRIES, 0)));
  }

  async #request(most: number, waitSeconds: number): Promise<number> {
    const { queue, fifo, leaseMs } = this.#requests;
    const abortSignal = this.#closed;
    if (abortSignal.aborted) return 0;
    const request = {
      QueueUrl: queue.url,
      MaxNumberOfMessages: most,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: secondsOf(leaseMs),
      MessageAttributeNames: ['All' as const],
      MessageSystemAttributeNames: ['All' as const],
      ...(fifo ? { ReceiveRequestAttemptId: randomUUID() } : {}), // the SDK's own retries get what a lost reply carried
    };
    try {
      const { Messages = [] } = await queue.client.receiveMessage(request, { abortSignal });
      this.#received(Messages);
      return Messages.length;
    } catch (error) {
      if (abortSignal.aborted) return 0;
      throw error;
    }
  }
}

/** Whole seconds, not less than these milliseconds. */
export function secondsOf(ms: number): number {
  return Math.ceil(ms / 1_000);
}
