import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import { Mutex } from '../../core/mutex.ts';
import { Opened } from '../../core/opened.ts';
import { requestsOf, tooLarge } from '../../core/requests.ts';
import type { Publisher, PublishResult } from '../../core/transport.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import type { Wire } from '../../core/wire.ts';
import type { KafkaProducer, OutgoingRecord, PartitionBatch } from './kafka-client.ts';
import { partitionOf } from './murmur2.ts';
import { bytesOf } from './record-size.ts';

/** A message on its way: its record, and what became of it. */
interface Entry {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  result?: PublishResult;
}

/** Entries of one partition that are to be one batch. */
interface Batch {
  readonly partition: number;
  readonly entries: readonly Entry[];
}

const CALL_ENDED: PublishResult = notSent(new SemelError('publish-failed', 'it was not sent, because the call ended before'));
/** What a batch holds at most: it is appended whole, or not at all. */
const BATCH_RECORDS = 1_000;
/** Messages without a key that go to a partition in a row. */
const KEYLESS_RUN = 100;

/**
 * Sends messages in batches, one for each partition at a time, so that after a failure nothing follows in that partition. The partition is chosen here, once:
 * a client that chooses again at each retry would send the second try elsewhere, under numbers that mean the first.
 */
export class KafkaPublisher implements Publisher {
  readonly keepsKeyOrder = true;
  readonly #wire: Wire;
  readonly #maxBytes: number;
  readonly #producer: Opened<KafkaProducer>;
  /** Of calls: one would end another's transaction, or close the producer under it. */
  readonly #turn = new Mutex();
  #keyless = 0;

  constructor(open: () => Promise<KafkaProducer>, wire: Wire, maxBytes: number) {
    this.#wire = wire;
    this.#maxBytes = maxBytes;
    this.#producer = new Opened(open, (producer) => producer.close());
  }

  async publish(messages: readonly SealedMessage[], { signal }: { readonly signal: AbortSignal }): Promise<readonly PublishResult[]> {
    if (messages.length === 0) return [];
    await this.#producer.get(); // where there is none, nothing at all was sent
    const entries = messages.map((sealed) => this.#entryOf(sealed));
    const byTopic = Map.groupBy(
      messages.map(({ message }, index) => ({ topic: message.topic, entry: entries[index] as Entry })),
      ({ topic }) => topic,
    );
    for (const [topic, of] of byTopic) {
      const open = of.map(({ entry }) => entry).filter(({ result }) => result === undefined);
      if (open.length > 0) await this.#sendAll(topic, open, signal);
    }
    return entries.map(({ result }) => result ?? CALL_ENDED);
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #entryOf(sealed: SealedMessage): Entry {
    const { body, headers } = this.#wire.encode(sealed);
    const record = { key: sealed.message.key ?? null, value: body, headers };
    const bytes = bytesOf(record);
    return bytes <= this.#maxBytes ? { record, bytes } : { record, bytes, result: tooLarge('Kafka', bytes, this.#maxBytes) };
  }

  async #sendAll(topic: string, entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const lanes = await this.#lanesOf(topic, entries).catch((error: unknown) => settle(entries, notSent(error)));
    while (lanes !== undefined && lanes.size > 0 && !signal.aborted) {
      const round = [...lanes.values()].map((batches) => batches.shift() as Batch);
      await this.#sendRound(topic, round, signal);
      for (const sent of round) if (!goesOn(lanes.get(sent.partition) ?? [], sent)) lanes.delete(sent.partition);
    }
  }

  async #lanesOf(topic: string, entries: readonly Entry[]): Promise<Map<number, Batch[]>> {
    const partitions = await (await this.#producer.get()).partitionsOf(topic);
    const lanes = Map.groupBy(entries, ({ record: { key } }) => (key === null ? this.#turnOf(partitions) : partitionOf(key, partitions)));
    this.#keyless += KEYLESS_RUN - 1; // the next call begins with the next partition
    const bounds = { maxItems: BATCH_RECORDS, maxBytes: this.#maxBytes, bytesOf: ({ bytes }: Entry) => bytes };
    return new Map([...lanes].map(([partition, lane]) => [partition, requestsOf(lane, bounds).map((batch) => ({ partition, entries: batch }))]));
  }

  /** Of messages without a key some go to one partition, then some to the next: one batch would keep the others idle, and kafkajs takes a time that grows with its square. */
  #turnOf(partitions: number): number {
    return Math.floor(this.#keyless++ / KEYLESS_RUN) % partitions;
  }

  /** A refusal for good may be for one message among many: then each is tried apart. */
  async #sendRound(topic: string, round: readonly Batch[], signal: AbortSignal): Promise<void> {
    const results = await this.#send(topic, round, signal);
    for (const [index, { partition, entries }] of round.entries()) {
      const result = results[index] as PublishResult;
      const alone = entries.length === 1 && round.length === 1;
      if (!isFinal(result) || alone) settle(entries, result);
      else await this.#sendApart(topic, round.length > 1 ? [{ partition, entries }] : entries.map((entry) => ({ partition, entries: [entry] })), signal);
    }
  }

  async #sendApart(topic: string, batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    let failure: PublishResult | undefined;
    for (const batch of batches) {
      if (failure !== undefined) settle(batch.entries, notSent(errorOf(failure)));
      else await this.#sendRound(topic, [batch], signal);
      failure ??= batch.entries.find(({ result }) => mustComeAgain(result))?.result;
    }
  }

  #send(topic: string, round: readonly Batch[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    return this.#turn.run(() => (signal.aborted ? round.map(() => CALL_ENDED) : this.#sendInTurn(topic, round, signal)));
  }

  async #sendInTurn(topic: string, round: readonly Batch[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    const batches = round.map(({ partition, entries }): PartitionBatch => ({ partition, records: entries.map(({ record }) => record) }));
    const producer = await this.#producer.get().catch((error: unknown) => new SemelError('transport-unavailable', 'kafka: no producer could be opened', { cause: error }));
    if (producer instanceof SemelError) return round.map(() => notSent(producer));
    const sending = producer.send(topic, batches);
    const results = await unlessAborted(sending, signal);
    if (results?.every(({ kind }) => kind === 'accepted')) return results;
    this.#producer.broke(producer);
    void sending.finally(() => producer.close()).catch(() => {}); // it may be at it still
    return results ?? round.map(() => ({ kind: 'unknown', error: new SemelError('publish-failed', 'kafka: the call ended before there was an answer') }));
  }
}

/** Whether there is more to be sent in this partition: after a failure there is nothing. */
function goesOn(rest: readonly Batch[], sent: Batch): boolean {
  const failure = sent.entries.find(({ result }) => mustComeAgain(result))?.result;
  if (failure !== undefined) for (const { entries } of rest) settle(entries, notSent(errorOf(failure)));
  return failure === undefined && rest.length > 0;
}

function settle(entries: readonly Entry[], result: PublishResult): undefined {
  for (const entry of entries) entry.result = result;
}

function notSent(error: unknown): PublishResult {
  return { kind: 'failed', error, retryable: true };
}

function errorOf(result: PublishResult): unknown {
  return result.kind === 'accepted' ? undefined : result.error;
}

function isFinal(result: PublishResult): boolean {
  return result.kind === 'failed' && !result.retryable;
}

function mustComeAgain(result: PublishResult | undefined): boolean {
  return result !== undefined && result.kind !== 'accepted' && !isFinal(result);
}
