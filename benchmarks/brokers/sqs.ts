import { type Message, SQS } from '@aws-sdk/client-sqs';
import type { Transport } from 'semel';
import { sqs } from 'semel/sqs';
import type { Order } from '../messages.ts';
import type { Job } from '../processes/program.ts';
import { addressOf, type Broker, type Handle, LANES, nameOf, type Stop } from './broker.ts';

const MAX_ENTRIES = 10;
const WAIT_SECONDS = 20;

/** A standard queue of SQS's. */
export class SqsBroker implements Broker {
  readonly batch = MAX_ENTRIES;
  readonly client: SQS;
  readonly #queue: string;
  #url: Promise<string> | undefined;

  constructor(job: Job) {
    this.client = new SQS({ region: 'us-east-1', endpoint: addressOf(job), credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
    this.#queue = nameOf(job);
  }

  async create(): Promise<void> {
    await this.client.createQueue({ QueueName: this.#queue });
  }

  /** The queue's address. */
  url(): Promise<string> {
    this.#url ??= this.client.getQueueUrl({ QueueName: this.#queue }).then(({ QueueUrl = '' }) => QueueUrl);
    return this.#url;
  }

  async send(orders: readonly Order[]): Promise<void> {
    const Entries = orders.map((order, index) => ({ Id: String(index), MessageBody: JSON.stringify(order) }));
    allTaken(await this.client.sendMessageBatch({ QueueUrl: await this.url(), Entries }));
  }

  /** Each lane receives ten, has them handled, and deletes them. */
  async consume(most: number, handle: Handle): Promise<Stop> {
    const over = new AbortController();
    const url = await this.url();
    const lanes = Array.from({ length: LANES }, () => this.#work(url, most, handle, over.signal));
    return () => {
      over.abort();
      return Promise.all(lanes);
    };
  }

  async left(): Promise<number> {
    const { Attributes = {} } = await this.client.getQueueAttributes({ QueueUrl: await this.url(), AttributeNames: ['All'] });
    return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
  }

  transport(): Transport {
    return sqs({ client: this.client, queue: this.#queue });
  }

  async #work(url: string, most: number, handle: Handle, signal: AbortSignal): Promise<void> {
    for (let messages = await this.#receive(url, signal); messages !== undefined; messages = await this.#receive(url, signal)) {
      for (let at = 0; at < messages.length; at += most) await handle(messages.slice(at, at + most).map(orderOf));
      const Entries = messages.map(({ ReceiptHandle = '' }, index) => ({ Id: String(index), ReceiptHandle }));
      if (Entries.length > 0) allTaken(await this.client.deleteMessageBatch({ QueueUrl: url, Entries }));
    }
  }

  async #receive(QueueUrl: string, abortSignal: AbortSignal): Promise<readonly Message[] | undefined> {
    try {
      const { Messages = [] } = await this.client.receiveMessage({ QueueUrl, MaxNumberOfMessages: MAX_ENTRIES, WaitTimeSeconds: WAIT_SECONDS }, { abortSignal });
      return Messages;
    } catch (error) {
      if (abortSignal.aborted) return undefined;
      throw error;
    }
  }
}

/** The order in a message that was written by hand. */
export function orderOf({ Body = '' }: Message): Order {
  return JSON.parse(Body) as Order;
}

/** A batch may be answered with 200 and have failed in part. */
function allTaken({ Failed = [] }: { readonly Failed?: readonly { readonly Code?: string | undefined }[] | undefined }): void {
  if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length} entries: ${Failed[0]?.Code}`);
}
