import { formatDuration } from '../../core/duration.ts';
import { counted } from '../output/counted.ts';
import { durationArgument } from '../output/duration.ts';
import { type Found, ok, type Thresholds, warn } from './finding.ts';

/** A lease that ran out is told once a worker has had this much time to take its messages over. */
export const LEASE_GRACE_MS = 60_000;

/** Workers prune by the hour, so what is a day late has been forgotten. */
export const PRUNE_GRACE_MS = 86_400_000;

/** Messages of a consumer whose lease ran out, and for how long that has gone unnoticed. */
export interface Expired {
  readonly name: string;
  readonly count: number;
  readonly overMs: number;
}

/** What leases tell, in any store. */
export function leasesFound(expired: readonly Expired[]): Found {
  if (expired.length === 0) return ok('none ran out unnoticed');
  return warn(
    expired.map(({ name, count, overMs }) => `${name}: ${count} in flight, their lease ran out ${formatDuration(overMs)} ago`).join('; '),
    'Their process died and no worker took them over: start one.',
  );
}

/** What is left past its retention tells, in any store. */
export function retentionFound({ messages, records }: { readonly messages: number; readonly records: number }, { messagesMs, inboxMs }: Thresholds): Found {
  const kept = `messages ${formatDuration(messagesMs)}, inbox ${formatDuration(inboxMs)}`;
  if (messages + records === 0) return ok(`nothing outlived it (${kept})`);
  const prune = `semel prune --messages ${durationArgument(messagesMs)} --inbox ${durationArgument(inboxMs)}`;
  return warn(
    `${counted(messages, 'message')} and ${counted(records, 'inbox record')} outlived it (${kept}) by more than a day`,
    `Workers prune by the hour: does one run? \`${prune}\` does it now. If your service keeps them longer, tell doctor with --messages and --inbox.`,
  );
}
