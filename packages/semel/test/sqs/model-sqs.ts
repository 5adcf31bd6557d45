import { randomUUID } from 'node:crypto';
import type { Runtime } from 'semel';
import type { SqsClient } from 'semel/sqs';
import { Bell } from '../../src/core/bell.ts';
import { systemRuntime } from '../../src/core/runtime.ts';

/** A message as the model keeps it. */
interface Kept {
  id: string;
  readonly body: string;
  readonly attributes: Record<string, { StringValue?: string | undefined }>;
  readonly group: string | undefined;
  readonly sentMs: number;
  receives: number;
  /** Of the newest receive: only it is in force. */
  handle?: string;
  visibleAtMs: number;
  receivedAtMs: number;
}

interface Queue {
  readonly name: string;
  readonly fifo: boolean;
  readonly attributes: Record<string, string>;
  readonly messages: Kept[];
  /** Deduplication ids, and when they came. */
  readonly seen: Map<string, number>;
}

/** Decides about one entry of a request: a code by which it fails. */
type EntryFault = (request: Request, index: number) => string | undefined;
type Request = 'send' | 'delete' | 'hide';
type Reply = { Successful: { Id: string }[]; Failed: { Id: string; Code: string; SenderFault: boolean }[] };

const DEDUP_MS = 300_000;
const MAX_HIDDEN_MS = 43_200_000;

/**
 * SQS as its documents have it, where no emulator is faithful: the end of visibility after 12 hours, stale handles, failures of single entries, FIFO groups that
 * are received several messages at a time, and a redrive that gives new message ids. Time is its runtime's, so that a test may own it.
 */
export class ModelSqs implements SqsClient {
  runtime: Runtime = systemRuntime;
  /** Makes entries fail. */
  entryFault: EntryFault = () => undefined;
  /** Replies that are lost on their way: the request was heeded. */
  losesReplies = 0;
  readonly requests: { readonly name: string; readonly entries: number }[] = [];
  readonly #queues = new Map<string, Queue>();
  readonly #bell = new Bell();

  create(name: string, attributes: Readonly<Record<string, string>> = {}): void {
    const given = { QueueArn: `arn:aws:sqs:us-east-1:000000000000:${name}`, MessageRetentionPeriod: '345600', ...attributes };
    this.#queues.set(name, { name, fifo: name.endsWith('.fifo'), attributes: given, messages: [], seen: new Map() });
  }

  count(name: string): number {
    return this.#queue(name).messages.length;
  }

  /** What StartMessageMoveTask does with one queue's messages: they are new ones, by id and age. */
  redrive(from: string, to: string): void {
    const source = this.#queue(from);
    for (const { body, attributes, group } of source.messages.splice(0)) this.#enqueue(this.#queue(to), body, attributes, group);
  }

  async getQueueUrl({ QueueName }: { QueueName: string }): Promise<{ QueueUrl: string }> {
    return { QueueUrl: `https://model/${this.#queue(QueueName).name}` };
  }

  async getQueueAttributes({ QueueUrl }: { QueueUrl: string }): Promise<{ Attributes: Record<string, string> }> {
    const { attributes, messages } = this.#at(QueueUrl);
    return { Attributes: { ...attributes, ApproximateNumberOfMessages: String(messages.length) } };
  }

  async setQueueAttributes({ QueueUrl, Attributes }: { QueueUrl: string; Attributes: { Policy: string } }): Promise<void> {
    Object.assign(this.#at(QueueUrl).attributes, Attributes);
  }

  sendMessageBatch: SqsClient['sendMessageBatch'] = ({ QueueUrl, Entries }) => {
    const queue = this.#at(QueueUrl);
    return this.#batch('send', Entries, ({ MessageBody, MessageAttributes, MessageGroupId, MessageDeduplicationId = '' }) => {
      const seenMs = queue.seen.get(MessageDeduplicationId);
      if (queue.fifo && seenMs !== undefined && seenMs + DEDUP_MS > this.#nowMs) return undefined;
      if (queue.fifo) queue.seen.set(MessageDeduplicationId, this.#nowMs);
      this.#enqueue(queue, MessageBody, MessageAttributes, MessageGroupId);
      return undefined;
    });
  };

  receiveMessage: SqsClient['receiveMessage'] = async (
    { QueueUrl, MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout },
    { abortSignal = new AbortController().signal } = {},
  ) => {
    const queue = this.#at(QueueUrl);
    const untilMs = this.#nowMs + WaitTimeSeconds * 1_000;
    for (;;) {
      if (abortSignal.aborted) throw new DOMException('aborted', 'AbortError');
      const visible = this.#visible(queue).slice(0, MaxNumberOfMessages);
      if (visible.length > 0 || this.#nowMs >= untilMs) return { Messages: visible.map((message) => this.#receive(message, VisibilityTimeout)) };
      const nextMs = Math.min(untilMs, ...queue.messages.map(({ visibleAtMs }) => visibleAtMs).filter((ms) => ms > this.#nowMs));
      await this.#bell.wait(this.runtime, abortSignal, nextMs);
    }
  };

  deleteMessageBatch: SqsClient['deleteMessageBatch'] = ({ QueueUrl, Entries }) => {
    const queue = this.#at(QueueUrl);
    return this.#batch('delete', Entries, ({ ReceiptHandle }) => {
      const index = queue.messages.findIndex(({ handle }) => handle === ReceiptHandle);
      const message = queue.messages[index];
      if (message === undefined) return undefined; // it succeeds, and deletes nothing
      if (queue.fifo && message.visibleAtMs <= this.#nowMs) return 'InvalidParameterValue';
      queue.messages.splice(index, 1);
      return undefined;
    });
  };

  changeMessageVisibilityBatch: SqsClient['changeMessageVisibilityBatch'] = ({ QueueUrl, Entries }) => {
    const queue = this.#at(QueueUrl);
    return this.#batch('hide', Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
      const message = queue.messages.find(({ handle }) => handle === ReceiptHandle);
      if (message === undefined || message.visibleAtMs <= this.#nowMs) return 'MessageNotInflight';
      if (this.#nowMs + VisibilityTimeout * 1_000 > message.receivedAtMs + MAX_HIDDEN_MS) return 'InvalidParameterValue';
      message.visibleAtMs = this.#nowMs + VisibilityTimeout * 1_000;
      return undefined;
    });
  };

  async #batch<Entry extends { Id: string }>(request: Request, entries: readonly Entry[], heed: (entry: Entry) => string | undefined): Promise<Reply> {
    this.requests.push({ name: request, entries: entries.length });
    if (entries.length === 0) throw Object.assign(new Error('EmptyBatchRequest'), { name: 'EmptyBatchRequest', $fault: 'client' });
    const reply: Reply = { Successful: [], Failed: [] };
    for (const [index, entry] of entries.entries()) {
      const Code = this.entryFault(request, index) ?? heed(entry);
      if (Code === undefined) reply.Successful.push({ Id: entry.Id });
      else reply.Failed.push({ Id: entry.Id, Code, SenderFault: Code !== 'InternalError' });
    }
    this.#bell.ring();
    if (this.losesReplies > 0 && this.losesReplies-- > 0) throw new Error('socket hang up');
    return reply;
  }

  #enqueue(queue: Queue, body: string, attributes: Kept['attributes'], group: string | undefined): void {
    queue.messages.push({ id: randomUUID(), body, attributes, group, sentMs: this.#nowMs, receives: 0, visibleAtMs: Number.NEGATIVE_INFINITY, receivedAtMs: 0 });
    this.#bell.ring();
  }

  /** In order; nothing of a group of which something is in flight. */
  #visible(queue: Queue): Kept[] {
    this.#bury(queue);
    const inFlight = new Set(queue.messages.filter(({ visibleAtMs }) => visibleAtMs > this.#nowMs).map(({ group }) => group));
    return queue.messages.filter(({ visibleAtMs, group }) => visibleAtMs <= this.#nowMs && !(queue.fifo && inFlight.has(group)));
  }

  /** What was received too often goes to the dead-letter queue. */
  #bury({ attributes, messages }: Queue): void {
    if (attributes['RedrivePolicy'] === undefined) return;
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(attributes['RedrivePolicy']);
    for (const message of messages.filter(({ visibleAtMs, receives }) => visibleAtMs <= this.#nowMs && receives >= maxReceiveCount)) {
      messages.splice(messages.indexOf(message), 1);
      this.#queue(String(deadLetterTargetArn).split(':').at(-1) ?? '').messages.push(message);
    }
  }

  #receive(
    message: Kept,
    visibilityTimeout: number,
  ): { MessageId: string; ReceiptHandle: string; Body: string; Attributes: Record<string, string>; MessageAttributes: Kept['attributes'] } {
    message.receives++;
    message.handle = randomUUID();
    message.receivedAtMs = this.#nowMs;
    message.visibleAtMs = this.#nowMs + visibilityTimeout * 1_000;
    const { id, handle, body, attributes, group, sentMs, receives } = message;
    const Attributes = { ApproximateReceiveCount: String(receives), SentTimestamp: String(sentMs), ...(group === undefined ? {} : { MessageGroupId: group }) };
    return { MessageId: id, ReceiptHandle: handle, Body: body, Attributes, MessageAttributes: attributes };
  }

  get #nowMs(): number {
    return this.runtime.clock.now();
  }

  #at(url: string): Queue {
    return this.#queue(url.slice(url.lastIndexOf('/') + 1));
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw Object.assign(new Error(`no queue ${name}`), { name: 'QueueDoesNotExist', $fault: 'client' });
    return queue;
  }
}
