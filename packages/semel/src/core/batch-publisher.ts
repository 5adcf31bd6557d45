import { isSemelError, SemelError } from './errors.ts';
import type { SealedMessage } from './message.ts';
import { tooLarge } from './requests.ts';
import type { Publisher, PublishResult } from './transport.ts';

/** A broker that takes several messages with one request, and answers for each of them. */
export interface BatchSink<Entry> {
  /** For errors. */
  readonly service: string;
  readonly maxEntries: number;
  /** Bytes of one message, at most. */
  readonly maxBytes: number;
  /** Bytes of all messages of a request, at most. */
  readonly maxRequestBytes: number;
  /**
   * Whether the broker keeps the order of a key. It may refuse one entry of a request and take those behind it: so a key has one message in a request, and the next
   * follows when that was accepted.
   */
  readonly ordered: boolean;
  entryOf(sealed: SealedMessage): Entry | Promise<Entry>;
  bytesOf(entry: Entry): number;
  /** Sends one request; answers for each entry, in their order. A rejection stands for all of them, as {@link refusalOf} reads it. */
  send(entries: readonly Entry[], signal: AbortSignal): Promise<readonly PublishResult[]>;
  /** What a rejected request means for its entries; `alone` where one of them may be to blame. */
  refusalOf(error: unknown): PublishResult | 'alone';
  /** Before the first entry of a call is made; a rejection means that nothing was sent. */
  open?(messages: readonly SealedMessage[]): Promise<void>;
  close?(): Promise<void>;
}

/** Requests on their way at once. */
const CONCURRENCY = 4;

/** Publishes in batches: as many at once as the broker takes, each with its own result, no key further than its first failure. */
export class BatchPublisher<Entry> implements Publisher {
  readonly keepsKeyOrder = true;
  readonly #sink: BatchSink<Entry>;

  constructor(sink: BatchSink<Entry>) {
    this.#sink = sink;
  }

  async publish(messages: readonly SealedMessage[], { signal }: { readonly signal: AbortSignal }): Promise<readonly PublishResult[]> {
    if (messages.length === 0) return [];
    await this.#sink.open?.(messages);
    return new Call(this.#sink, await Promise.all(messages.map((sealed) => this.#jobOf(sealed))), signal).run();
  }

  async close(): Promise<void> {
    await this.#sink.close?.();
  }

  async #jobOf(sealed: SealedMessage): Promise<Job<Entry>> {
    const { service, maxBytes } = this.#sink;
    const key = this.#sink.ordered ? sealed.message.key : undefined;
    try {
      const entry = await this.#sink.entryOf(sealed);
      const bytes = this.#sink.bytesOf(entry);
      return bytes > maxBytes ? { key, result: tooLarge(service, bytes, maxBytes) } : { key, entry, bytes };
    } catch (error) {
      return { key, result: failed(error, !isSemelError(error) || error.retryable) };
    }
  }
}

/** A message on its way; without an entry it is not sent. */
interface Job<Entry> {
  readonly key: string | undefined;
  readonly entry?: Entry;
  readonly bytes?: number;
  result?: PublishResult;
}

/** One call of {@link BatchPublisher.publish}. */
class Call<Entry> {
  readonly #sink: BatchSink<Entry>;
  readonly #jobs: readonly Job<Entry>[];
  readonly #signal: AbortSignal;
  #pending: readonly Job<Entry>[];
  /** Keys of which a message is on its way. */
  readonly #busy = new Set<string>();
  readonly #stopped = new Map<string, unknown>();

  constructor(sink: BatchSink<Entry>, jobs: readonly Job<Entry>[], signal: AbortSignal) {
    this.#sink = sink;
    this.#jobs = jobs;
    this.#pending = jobs;
    this.#signal = signal;
  }

  async run(): Promise<readonly PublishResult[]> {
    const running = new Set<Promise<void>>();
    for (;;) {
      const batch = running.size < CONCURRENCY && !this.#signal.aborted ? this.#take() : [];
      if (batch.length > 0) {
        const sending = this.#send(batch).finally(() => running.delete(sending));
        running.add(sending);
      } else if (running.size > 0) await Promise.race(running);
      else break;
    }
    return this.#jobs.map(({ result }) => result ?? failed(new SemelError('publish-failed', 'the call was ended before this message was sent'), true));
  }

  /** The next request: in order, of each key the first that is not sent yet. */
  #take(): readonly Job<Entry>[] {
    const batch: Job<Entry>[] = [];
    const passed = new Set(this.#busy);
    let room = this.#sink.maxRequestBytes;
    this.#pending = this.#pending.filter((job) => {
      const { key, bytes = 0 } = job;
      if (key !== undefined && passed.has(key)) return true;
      if (this.#decided(job)) return false;
      if (key !== undefined) passed.add(key);
      if (batch.length === this.#sink.maxEntries || (bytes > room && batch.length > 0)) return true;
      batch.push(job);
      room -= bytes;
      return false;
    });
    for (const { key } of batch) if (key !== undefined) this.#busy.add(key);
    return batch;
  }

  /** Whether it has its result without being sent: it cannot be, or its key has stopped. */
  #decided(job: Job<Entry>): boolean {
    const { key } = job;
    if (key !== undefined && this.#stopped.has(key)) job.result = failed(this.#stopped.get(key), true);
    this.#stopAt(job);
    return job.result !== undefined;
  }

  /** Behind what comes again nothing of its key is sent. */
  #stopAt({ key, result }: Job<Entry>): void {
    if (key === undefined || result === undefined || result.kind === 'accepted') return;
    if (result.kind === 'unknown' || result.retryable) this.#stopped.set(key, result.error);
  }

  async #send(batch: readonly Job<Entry>[]): Promise<void> {
    const results = await this.#answers(batch);
    for (const [index, job] of batch.entries()) {
      job.result = results[index] ?? unanswered(this.#sink.service);
      this.#stopAt(job);
      if (job.key !== undefined) this.#busy.delete(job.key);
    }
  }

  async #answers(batch: readonly Job<Entry>[]): Promise<readonly PublishResult[]> {
    try {
      return await this.#sink.send(
        batch.map(({ entry }) => entry as Entry),
        this.#signal,
      );
    } catch (error) {
      const refusal = this.#sink.refusalOf(error);
      if (refusal !== 'alone') return batch.map(() => refusal);
      if (batch.length === 1) return [failed(error, false)];
      return (await Promise.all(batch.map((job) => this.#answers([job])))).flat(); // whoever is to blame, its neighbours are not
    }
  }
}

/** A reply that answers by ids, as AWS's services do: the ids are the entries' places in the request. */
export interface ReplyById {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly FailedEntry[] | undefined;
}

/** An entry that was not taken. */
export interface FailedEntry {
  readonly Id?: string | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
  readonly SenderFault?: boolean | undefined;
}

/** Each entry's own result; `unknown` for one that the reply does not mention (trap 27). */
export function resultsById(service: string, count: number, reply: ReplyById, isFinal: (code: string) => boolean): readonly PublishResult[] {
  const results: PublishResult[] = Array.from({ length: count }, () => unanswered(service));
  for (const { Id } of reply.Successful ?? []) results[Number(Id)] = { kind: 'accepted' };
  for (const { Id, Code = 'without a code', Message = '' } of reply.Failed ?? []) {
    results[Number(Id)] = failed(new SemelError('publish-failed', `${service} refused the message: ${Code} ${Message}`.trimEnd()), !isFinal(Code));
  }
  return results.slice(0, count);
}

function failed(error: unknown, retryable: boolean): PublishResult {
  return { kind: 'failed', error, retryable };
}

function unanswered(service: string): PublishResult {
  return { kind: 'unknown', error: new SemelError('publish-failed', `${service} gave no answer for this message`) };
}
