import type { SubscribeOptions, Transport } from '../../core/transport.ts';

/** A transport whose queues another service delivers into: what is subscribed to a topic of SNS, or is a target of EventBridge. */
export interface QueueTarget extends Transport {
  /** The queue that a consumer reads. */
  queueOf(consumer: Pick<SubscribeOptions, 'service' | 'consumer'>): Promise<TargetQueue>;
}

/** A queue, as who delivers into it sees it. */
export interface TargetQueue {
  /** Its name in AWS: `arn:aws:sqs:eu-central-1:123456789012:orders`. */
  readonly arn: string;
  /** How late a message can come again out of it. */
  readonly windowMs: number;
  /** Lets a service send to it on behalf of `sourceArn`, whatever its policy allows besides. Idempotent. */
  admit(service: string, sourceArn: string): Promise<void>;
}
