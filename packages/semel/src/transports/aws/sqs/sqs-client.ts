/** What Semel calls of AWS's SDK: `new SQS({ … })` of `@aws-sdk/client-sqs` is one, with whatever region, credentials, retries and endpoint it was given. */
export interface SqsClient {
  getQueueUrl(input: { QueueName: string; QueueOwnerAWSAccountId?: string }): Promise<{ readonly QueueUrl?: string | undefined }>;
  getQueueAttributes(input: { QueueUrl: string; AttributeNames: 'All'[] }): Promise<{ readonly Attributes?: Readonly<Record<string, string | undefined>> | undefined }>;
  setQueueAttributes(input: { QueueUrl: string; Attributes: { Policy: string } }): Promise<unknown>;
  sendMessageBatch(input: { QueueUrl: string; Entries: (SqsEntry & { Id: string })[] }, options?: Abortable): Promise<SqsBatchReply>;
  receiveMessage(input: SqsReceive, options?: Abortable): Promise<{ readonly Messages?: readonly SqsMessage[] | undefined }>;
  deleteMessageBatch(input: { QueueUrl: string; Entries: { Id: string; ReceiptHandle: string }[] }): Promise<SqsBatchReply>;
  changeMessageVisibilityBatch(input: { QueueUrl: string; Entries: { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[] }): Promise<SqsBatchReply>;
}

interface Abortable {
  readonly abortSignal?: AbortSignal;
}

/** What is sent of a message. */
export interface SqsEntry {
  MessageBody: string;
  MessageAttributes: Record<string, { DataType: 'String'; StringValue: string }>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

interface SqsReceive {
  QueueUrl: string;
  MaxNumberOfMessages: number;
  WaitTimeSeconds: number;
  VisibilityTimeout: number;
  MessageAttributeNames: 'All'[];
  MessageSystemAttributeNames: 'All'[];
  ReceiveRequestAttemptId?: string;
}

/** A message as it is received. */
export interface SqsMessage {
  readonly MessageId?: string | undefined;
  readonly ReceiptHandle?: string | undefined;
  readonly Body?: string | undefined;
  readonly Attributes?: Readonly<Record<string, string | undefined>> | undefined;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string | undefined }>> | undefined;
}

/** What a batch request is answered with: some entries may have failed, although it says 200 (trap 27). */
export interface SqsBatchReply {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly { readonly Id?: string | undefined; readonly Code?: string | undefined; readonly Message?: string | undefined }[] | undefined;
}
