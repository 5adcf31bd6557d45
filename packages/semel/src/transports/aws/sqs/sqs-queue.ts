import { hash } from 'node:crypto';
import { SemelError } from '../../../core/errors.ts';
import { requestsOf } from '../../../core/requests.ts';
import { asked } from '../asked.ts';
import { codeOf, serviceCodeOf } from '../smithy-errors.ts';
import type { SqsBatchReply, SqsClient } from './sqs-client.ts';

/** Entries of one request, at most. */
export const MAX_ENTRIES = 10;
/** Codes by which SQS says that a receipt handle is not, or no longer, that of a message in hand. */
const STALE: ReadonlySet<string> = new Set(['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue', 'InvalidIdFormat']);

/** A receipt handle, and for how long its message is to be hidden from now on. */
export interface Hiding {
  readonly handle: string;
  readonly seconds: number;
}

/** What became of an entry: `stale` where the message is not in hand any more, an error where trying again can help. */
export type EntryResult = 'done' | 'stale' | Error;

/** A queue at AWS. */
export class SqsQueue {
  readonly url: string;
  readonly client: SqsClient;

  constructor(client: SqsClient, url: string) {
    this.client = client;
    this.url = url;
  }

  /** Finds a queue by its URL, its name or its ARN. Rejects with `transport-unavailable`. */
  static async find(client: SqsClient, queue: string): Promise<SqsQueue> {
    if (queue.startsWith('https://') || queue.startsWith('http://')) return new SqsQueue(client, queue);
    const [, , , , account, name] = queue.startsWith('arn:') ? queue.split(':') : [];
    const request = name === undefined ? { QueueName: queue } : { QueueName: name, ...(account ? { QueueOwnerAWSAccountId: account } : {}) };
    const { QueueUrl } = await asked('SQS', client, `the queue ${queue}`, () => client.getQueueUrl(request));
    if (QueueUrl === undefined) throw new SemelError('transport-unavailable', `SQS gave no address for the queue ${queue}`);
    return new SqsQueue(client, QueueUrl);
  }

  /** Its settings. Rejects with `transport-unavailable`. */
  async attributes(): Promise<Readonly<Record<string, string | undefined>>> {
    const { Attributes = {} } = await asked('SQS', this.client, `the queue ${this.url}`, () => this.client.getQueueAttributes({ QueueUrl: this.url, AttributeNames: ['All'] }));
    return Attributes;
  }

  /** Removes messages for good; a result for each. */
  delete(handles: readonly string[]): Promise<readonly EntryResult[]> {
    return this.#each(handles, (entries) =>
      this.client.deleteMessageBatch({ QueueUrl: this.url, Entries: entries.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })) }),
    );
  }

  /** Hides messages for another while, or shows them at 0 seconds; a result for each. */
  hide(hidings: readonly Hiding[]): Promise<readonly EntryResult[]> {
    return this.#each(hidings, (entries) =>
      this.client.changeMessageVisibilityBatch({
        QueueUrl: this.url,
        Entries: entries.map(({ handle, seconds }, index) => ({ Id: String(index), ReceiptHandle: handle, VisibilityTimeout: seconds })),
      }),
    );
  }

  /** Lets a service of AWS send on behalf of `sourceArn`; the statements that the policy has stay. */
  async admit(arn: string, policy: string | undefined, service: string, sourceArn: string): Promise<void> {
    const { Version = '2012-10-17', Statement = [] } = policy ? JSON.parse(policy) : {};
    const sid = `semel-${hash('sha256', sourceArn, 'hex').slice(0, 32)}`;
    if (Statement.some(({ Sid }: { readonly Sid?: string }) => Sid === sid)) return;
    const statement = {
      Sid: sid,
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sqs:SendMessage',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    };
    const Attributes = { Policy: JSON.stringify({ Version, Statement: [...Statement, statement] }) };
    await asked('SQS', this.client, `the policy of the queue ${this.url}`, () => this.client.setQueueAttributes({ QueueUrl: this.url, Attributes }));
  }

  /** An empty list makes no request, for AWS rejects one. A request that fails has failed for all of its entries, and for no others. */
  async #each<Item>(items: readonly Item[], send: (items: readonly Item[]) => Promise<SqsBatchReply>): Promise<readonly EntryResult[]> {
    const requests = requestsOf(items, { maxItems: MAX_ENTRIES, maxBytes: Number.POSITIVE_INFINITY, bytesOf: () => 0 });
    const results = await Promise.all(
      requests.map((request) =>
        send(request).then(
          (reply) => resultsOf(request.length, reply),
          (error) => failedOf(request.length, error),
        ),
      ),
    );
    return results.flat();
  }
}

/** Each entry's own result; what the reply does not mention has failed (trap 27). */
function resultsOf(count: number, { Successful = [], Failed = [] }: SqsBatchReply): readonly EntryResult[] {
  const results: EntryResult[] = Array.from({ length: count }, () => unavailable('gave no answer for an entry of a batch'));
  for (const { Id } of Successful) results[Number(Id)] = 'done';
  for (const { Id, Code = '' } of Failed) results[Number(Id)] = STALE.has(codeOf(Code)) ? 'stale' : unavailable(`refused an entry of a batch: ${Code}`);
  return results;
}

function failedOf(count: number, cause: unknown): readonly EntryResult[] {
  const code = serviceCodeOf(cause);
  const result = count === 1 && STALE.has(code ?? '') ? 'stale' : unavailable(code === undefined ? 'did not answer a request' : `refused a request: ${code}`, cause);
  return Array.from({ length: count }, () => result);
}

function unavailable(what: string, cause?: unknown): SemelError {
  return new SemelError('transport-unavailable', `SQS ${what}`, { cause });
}
