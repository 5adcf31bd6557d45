import { SemelError } from '../../../core/errors.ts';
import { reasonOf } from '../../../core/reason-of.ts';

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

/** Whether the coordinator of transactions has another producer under this id by now, or has ended this one's transaction by itself. */
export function isFenced(error: unknown): boolean {
  return ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_TXN_STATE'].includes(wordOf(error));
}

/** Whether the same request is to be tried again soon: the transaction before is still being ended, or a coordinator moves. */
export function isBusy(error: unknown): boolean {
  return ['CONCURRENT_TRANSACTIONS', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS'].includes(wordOf(error));
}

/** Whether a transaction is open that holds one of the offsets. */
export function isUnstable(error: unknown): boolean {
  return wordOf(error) === 'UNSTABLE_OFFSET_COMMIT';
}

/** The broker that a connection was lost to, or refused by. */
export function lostBrokerOf(error: unknown): { readonly host: string; readonly port: number } | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { broker } = each as { readonly broker?: unknown };
    if (!/^KafkaJSConnection(Closed)?Error$/.test(each.name) || typeof broker !== 'string') continue;
    const colon = broker.lastIndexOf(':');
    return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) };
  }
  return undefined;
}

/** Whether a broker will never take these records. */
export function isRefusal(error: unknown): boolean {
  return ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'].includes(wordOf(error));
}

/** In Semel's words. */
export function unavailable(what: string, cause: unknown, code: 'transport-unavailable' | 'store-unavailable' = 'transport-unavailable'): SemelError {
  const word = wordOf(cause);
  const hint = word === 'UNKNOWN_TOPIC_OR_PARTITION' ? '; create the topic, or check its name' : '';
  return new SemelError(code, `kafka: ${what}: ${reasonOf(cause)}${hint}`, { cause });
}

/** The words for what the brokers say to a {@link rawRequest}. */
const WORDS: Readonly<Record<number, string>> = {
  14: 'GROUP_LOAD_IN_PROGRESS',
  15: 'GROUP_COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR_FOR_GROUP',
  22: 'ILLEGAL_GENERATION',
  25: 'UNKNOWN_MEMBER_ID',
  47: 'INVALID_PRODUCER_EPOCH',
  48: 'INVALID_TXN_STATE',
  49: 'INVALID_PRODUCER_ID_MAPPING',
  51: 'CONCURRENT_TRANSACTIONS',
  82: 'FENCED_INSTANCE_ID',
  88: 'UNSTABLE_OFFSET_COMMIT',
  90: 'PRODUCER_FENCED',
};

/** Throws the first that is an error, as kafkajs would. @see https://kafka.apache.org/protocol#protocol_error_codes */
export function throwRefusal(codes: readonly number[]): void {
  const code = codes.find((each) => each !== 0);
  if (code === undefined) return;
  const type = WORDS[code] ?? `error ${code}`;
  throw Object.assign(new Error(`the broker says ${type}`), { type, code });
}
