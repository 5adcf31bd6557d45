import { decodeCloudEvent } from '../core/cloudevents.ts';
import type { Delivery } from '../core/delivery.ts';
import { SemelError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { JsonLimits } from '../core/read-json.ts';
import { seal } from '../core/seal.ts';
import { validate } from '../core/standard-schema.ts';
import type { WorkItem } from '../core/store.ts';
import { typeOf } from '../core/topic.ts';
import type { Consumer } from './consumer.ts';

/** A delivery made ready for its handler, or refused with the reason. */
export type Job = { readonly item: WorkItem; readonly message: Message; readonly refused?: undefined } | { readonly item: WorkItem; readonly refused: unknown };

/**
 * Decodes, identifies and validates a delivery; never throws: what cannot be handled becomes a refused job, so that it is
 * dead-lettered in the same transaction as any other failure. Synchronous where the schema is.
 */
export function takeIn(consumer: Consumer, delivery: Delivery, limits: JsonLimits): Job | Promise<Job> {
  let item: WorkItem = { delivery, receipt: delivery.receipt };
  try {
    const message = messageOf(delivery, limits);
    item = { ...item, message };
    if (consumer.guarantee !== 'at-least-once') item = { ...item, claim: { fingerprint: fingerprintOf(delivery, message) } };
    refuseKillers(consumer, delivery);
    const validated = validate(typeOf(consumer.topic, message.type).schema, message.data, `topic ${consumer.topic.name}`);
    if (!(validated instanceof Promise)) return { item, message: withData(message, validated) };
    return validated.then(
      (data) => ({ item, message: withData(message, data) }),
      (refused) => ({ item, refused }),
    );
  } catch (refused) {
    return { item, refused };
  }
}

function messageOf({ content, topic }: Delivery, limits: JsonLimits): Message {
  return 'message' in content ? content.message : decodeCloudEvent(content.bytes, topic, limits);
}

function fingerprintOf({ content }: Delivery, message: Message): string {
  return ('message' in content ? content.fingerprint : undefined) ?? seal(message).fingerprint;
}

/** What ended its process time after time is not run once more (trap 33). */
function refuseKillers(consumer: Consumer, delivery: Delivery): void {
  const { attempts } = consumer.policies.retry;
  if (delivery.suspect && delivery.attempt > attempts) {
    throw new SemelError('crashed', `the process ended ${attempts} times while it handled this message alone`, { details: { attempts } });
  }
}

function withData(message: Message, data: unknown): Message {
  return data === message.data ? message : { ...message, data };
}
