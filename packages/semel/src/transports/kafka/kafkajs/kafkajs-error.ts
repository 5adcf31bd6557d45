import { SemelError } from '../../../core/errors.ts';

/** The broker's word for what was wrong (`ILLEGAL_GENERATION`), or kafkajs's own (`KafkaJSConnectionError`); kafkajs wraps errors in others. */
function wordOf(error: unknown): string {
  let word = '';
  for (let each = error; each instanceof Error; each = each.cause) {
    const { type } = each as { readonly type?: unknown };
    if (typeof type === 'string') return type;
    word = each.name;
  }
  return word;
}

/** Whether the group goes on without this member: what it held is another's. */
export function isEviction(error: unknown): boolean {
  return isForgotten(error) || wordOf(error) === 'ILLEGAL_GENERATION';
}

/** Whether the group knows nothing of this member any more: it comes back as a new one. */
export function isForgotten(error: unknown): boolean {
  return ['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'].includes(wordOf(error));
}

/** Whether the members are to join once more. */
export function isRebalance(error: unknown): boolean {
  return wordOf(error) === 'REBALANCE_IN_PROGRESS';
}

/** Whether who leads a partition or coordinates a group is to be asked again; nothing is wrong. */
export function isMoved(error: unknown): boolean {
  return [
    'NOT_LEADER_FOR_PARTITION',
    'LEADER_NOT_AVAILABLE',
    'REPLICA_NOT_AVAILABLE',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
    'NOT_COORDINATOR_FOR_GROUP',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'GROUP_LOAD_IN_PROGRESS',
  ].includes(wordOf(error));
}

/** The partition whose log does not have the offset that was asked for. */
export function outOfRangeOf(error: unknown): number | undefined {
  return wordOf(error) === 'OFFSET_OUT_OF_RANGE' ? (error as { readonly partition?: number }).partition : undefined;
}

/** Whether a broker will never take these records. */
export function isRefusal(error: unknown): boolean {
  return ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'].includes(wordOf(error));
}

/** In Semel's words. */
export function unavailable(what: string, cause: unknown): SemelError {
  const word = wordOf(cause);
  const hint = word === 'UNKNOWN_TOPIC_OR_PARTITION' ? '; create the topic, or check its name' : '';
  return new SemelError('transport-unavailable', `kafka: ${what}: ${cause instanceof Error ? cause.message : String(cause)}${hint}`, { cause });
}
