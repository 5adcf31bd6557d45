/** What Semel calls of AWS's SDK: `new SNS({ … })` of `@aws-sdk/client-sns` is one, with whatever region, credentials, retries and endpoint it was given. */
export interface SnsClient {
  publishBatch(input: { TopicArn: string; PublishBatchRequestEntries: SnsEntry[] }, options?: { readonly abortSignal?: AbortSignal }): Promise<SnsBatchReply>;
  subscribe(input: { TopicArn: string; Protocol: 'sqs'; Endpoint: string; Attributes: { RawMessageDelivery: 'true' } }): Promise<unknown>;
  listSubscriptionsByTopic(input: { TopicArn: string; NextToken?: string }): Promise<{
    readonly Subscriptions?: readonly { readonly Protocol?: string | undefined; readonly Endpoint?: string | undefined }[] | undefined;
    readonly NextToken?: string | undefined;
  }>;
}

/** What is sent of a message. */
interface SnsEntry {
  Id: string;
  Message: string;
  MessageAttributes: Record<string, { DataType: 'String'; StringValue: string }>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

/** What a batch is answered with: some entries may have failed, although it says 200 (trap 27). */
interface SnsBatchReply {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly { readonly Id?: string | undefined; readonly Code?: string | undefined; readonly Message?: string | undefined }[] | undefined;
}
