import { decodeCloudEvent } from '../core/cloudevents.ts';
import type { Delivery } from '../core/delivery.ts';
import { SemelError } from '../core/errors.ts';
import type { Message, SealedMessage } from '../core/message.ts';
import type { JsonLimits } from '../core/read-json.ts';
import { seal, sealedOf } from '../core/seal.ts';
import { validate } from '../core/standard-schema.ts';
import type { WorkItem } from '../core/store.ts';
import { typeOf } from '../core/topic.ts';
import type { Consumer } from './consumer.ts';
import { RETURNED } from './failures.ts';

/** A delivery made ready for its handler, or refused with the reason. */
export type Job = AcceptedJob | { readonly item: WorkItem; readonly refused: unknown };

/** A delivery whose message its handler can have. */
export interface AcceptedJob {
  readonly item: WorkItem;
  readonly message: Message;
  /** The message once more, for another run: a handler may have changed what it was given. */
  again(): Message | Promise<Message>;
}

/**
 * Decodes, identifies and validates a delivery; never throws: what cannot be handled becomes a refused job, so that it is
 * dead-lettered in the same transaction as any other failure. Synchronous where the schema is.
 *
 * @param parks whether its transport cannot count attempts
 */
export function takeIn(consumer: Consumer, delivery: Delivery, limits: JsonLimits, parks = false): Job | Promise<Job> {
  let item: WorkItem = { delivery, receipt: delivery.receipt };
  try {
    const { message, fingerprint, json } = takeMessage(delivery, limits);
    item = { ...item, message, json, ...(consumer.guarantee === 'at-least-once' ? {} : { claim: { fingerprint } }) };
    refuseKillers(consumer, delivery);
    if (delivery.suspect && (parks || delivery.suspect === 'with-others') && delivery.receipt.kind === 'external' && consumer.guarantee !== 'at-most-once')
      return { item, refused: RETURNED };
    const first = validated(consumer, message);
    const again = () => validated(consumer, { ...message, data: JSON.parse(json) });
    if (!(first instanceof Promise)) return { item, message: first, again };
    return first.then(
      (ready) => ({ item, message: ready, again }),
      (refused) => ({ item, refused }),
    );
  } catch (refused) {
    return { item, refused };
  }
}

function takeMessage({ content, topic }: Delivery, limits: JsonLimits): SealedMessage {
  if ('message' in content) return sealedOf(content);
  return seal(content.decode?.(limits) ?? decodeCloudEvent(content.bytes, topic, limits));
}

/** What ended its process time after time is not run once more (trap 33). */
function refuseKillers(consumer: Consumer, delivery: Delivery): void {
  const { attempts } = consumer.policies.retry;
  if (delivery.suspect === true && delivery.attempt > attempts) {
    throw new SemelError('crashed', `the process ended ${attempts} times while it handled this message alone`, { details: { attempts } });
  }
}

/** The message with what the topic's schema makes of its data. */
function validated(consumer: Consumer, message: Message): Message | Promise<Message> {
  const data = validate(typeOf(consumer.topic, message.type).schema, message.data, `topic ${consumer.topic.name}`);
  return data instanceof Promise ? data.then((made) => withData(message, made)) : withData(message, data);
}

function withData(message: Message, data: unknown): Message {
  return data === message.data ? message : { ...message, data };
}
