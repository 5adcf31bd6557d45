import { canonicalJson } from '../../core/canonical-json.ts';
import { seal } from '../../core/seal.ts';
import type { Settlement, WorkItem } from '../../core/store.ts';
import type { Wire } from '../../core/wire.ts';
import type { TransactionRecord } from '../../transports/kafka/kafka-client.ts';

/** The record of a message that gave up: the message itself, under its identity, so that it can be published again as it is; beside it, in headers, why. */
export function deadLetterRecord(
  consumer: string,
  { delivery, message, json }: WorkItem,
  { reason, failure }: Extract<Settlement, { readonly kind: 'dead' }>,
  wire: Wire,
): TransactionRecord {
  const why = {
    semelconsumer: consumer,
    semeltopic: delivery.topic,
    semelreason: reason,
    semelattempts: String(failure.attempt),
    semelfailure: canonicalJson({ code: failure.code, message: failure.message }),
    semeldiedat: new Date(failure.atMs).toISOString(),
  };
  if (message === undefined || json === undefined) return { key: null, value: 'bytes' in delivery.content ? delivery.content.bytes : null, headers: why };
  const { body, headers } = wire.encodeStructured(seal({ ...message, data: JSON.parse(json) }));
  return { key: message.key ?? null, value: body, headers: { ...headers, ...why } };
}
