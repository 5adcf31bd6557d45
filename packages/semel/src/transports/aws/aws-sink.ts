import { type BatchSink, type ReplyById, resultsById } from '../../core/batch-publisher.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import type { PublishResult } from '../../core/transport.ts';
import type { Outgoing, Wire } from '../../core/wire.ts';
import { deduplicationIdOf, groupIdOf, isAttributeValue, MAX_ATTRIBUTES, withoutNoncharacters } from './aws-names.ts';
import { checkIn, type LargePayloads } from './large-payloads.ts';
import { codeOf, refusalOfRequest, serviceCodeOf } from './smithy-errors.ts';

/** What SQS and SNS are sent of a message. */
export interface AwsEntry {
  readonly body: string;
  readonly attributes: Record<string, { DataType: 'String'; StringValue: string }>;
  readonly grouping: { MessageGroupId?: string; MessageDeduplicationId?: string };
}

/** What decides how messages are sent to SQS or SNS. */
export interface AwsSending {
  readonly service: string;
  /** Bytes of one message, at most. */
  readonly maxBytes: number;
  /** Bytes of all messages of a request, at most. */
  readonly maxRequestBytes: number;
  /** Whether it keeps order in groups, and recognises repeated publishes. */
  readonly fifo: boolean;
  readonly wire: Wire;
  readonly largePayloads: LargePayloads | undefined;
  /** Whose message it is, where one tenant's many must not delay another's few. */
  readonly tenant?: ((message: Message) => string | undefined) | undefined;
  open(): Promise<void>;
  send(entries: readonly AwsEntry[], signal: AbortSignal): Promise<ReplyById>;
}

/** What is wrong with an entry itself, and stays so. */
const FINAL: ReadonlySet<string> = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'InvalidParameter', 'InvalidAttributeValue']);
/** By these a whole request is refused because of one entry of it. */
const OF_AN_ENTRY: ReadonlySet<string> = new Set(['InvalidMessageContents', 'BatchRequestTooLong', 'InvalidAttributeValue']);

/** Makes messages into the entries of batches for SQS and SNS, which differ in little but names. */
export class AwsSink implements BatchSink<AwsEntry> {
  readonly service: string;
  readonly maxEntries = 10;
  readonly maxBytes: number;
  readonly maxRequestBytes: number;
  readonly ordered: boolean;
  readonly #sending: AwsSending;

  constructor(sending: AwsSending) {
    this.service = sending.service;
    this.maxBytes = sending.maxBytes;
    this.maxRequestBytes = sending.maxRequestBytes;
    this.ordered = sending.fifo;
    this.#sending = sending;
  }

  open(): Promise<void> {
    return this.#sending.open();
  }

  async entryOf(sealed: SealedMessage): Promise<AwsEntry> {
    const { wire, largePayloads } = this.#sending;
    const grouping = this.#groupingOf(sealed.message);
    const entry = { ...recordOf(wire, sealed), grouping };
    if (largePayloads === undefined || this.bytesOf(entry) <= this.maxBytes) return entry;
    return { body: await checkIn(largePayloads, sealed.message.topic, wire.encodeStructured(sealed).body), attributes: {}, grouping };
  }

  bytesOf({ body, attributes }: AwsEntry): number {
    const sizes = Object.entries(attributes).map(([name, { DataType, StringValue }]) => Buffer.byteLength(name) + DataType.length + Buffer.byteLength(StringValue));
    return sizes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(body));
  }

  async send(entries: readonly AwsEntry[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    return resultsById(this.service, entries.length, await this.#sending.send(entries, signal), (code) => FINAL.has(codeOf(code)));
  }

  refusalOf(error: unknown): PublishResult | 'alone' {
    return OF_AN_ENTRY.has(serviceCodeOf(error) ?? '') ? 'alone' : refusalOfRequest(this.service, error);
  }

  /** FIFO: the key's group, or one of the message's own where it has no key. Otherwise the tenant's. */
  #groupingOf(message: Message): AwsEntry['grouping'] {
    const { fifo, tenant } = this.#sending;
    if (fifo) {
      const id = deduplicationIdOf(message);
      return { MessageGroupId: message.key === undefined ? id : groupIdOf(message.key), MessageDeduplicationId: id };
    }
    const group = tenant?.(message);
    return group === undefined ? {} : { MessageGroupId: groupIdOf(group) };
  }
}

/** Body and attributes. What has more attributes than fit, or one that AWS refuses, goes as one JSON object, which Semel reads whatever the format. */
function recordOf(wire: Wire, sealed: SealedMessage): Pick<AwsEntry, 'body' | 'attributes'> {
  const outgoing = wire.encode(sealed);
  const values = Object.values(outgoing.headers);
  const { body, headers }: Outgoing = values.length <= MAX_ATTRIBUTES && values.every(isAttributeValue) ? outgoing : wire.encodeStructured(sealed);
  const attributes = Object.fromEntries(Object.entries(headers).map(([name, StringValue]) => [name, { DataType: 'String' as const, StringValue }]));
  return { body: withoutNoncharacters(body), attributes };
}
