import { formatDuration } from '../../core/duration.ts';
import type { SubscriptionState } from '../../core/store.ts';
import { counted } from '../output/counted.ts';
import { type Finding, type Found, ok, type Thresholds, warn } from './finding.ts';

type SubscriptionCheck = (states: readonly SubscriptionState[], thresholds: Thresholds) => Found;

const CHECKS: Readonly<Record<string, SubscriptionCheck>> = {
  'waiting-messages': waitingMessages,
  'gone-consumers': goneConsumers,
  'dead-letters': deadLetters,
  'held-keys': heldKeys,
  pauses,
};

/** What the subscriptions themselves tell, in any store. */
export function examineSubscriptions(states: readonly SubscriptionState[], thresholds: Thresholds): readonly Finding[] {
  return Object.entries(CHECKS).map(([check, examine]) => ({ check, ...examine(states, thresholds) }));
}

function waitingMessages(states: readonly SubscriptionState[], thresholds: Thresholds): Found {
  const late = states.filter((state) => isPending(state) && ageOf(state, thresholds) > thresholds.maxAgeMs);
  if (late.length === 0) return ok(`none has waited for more than ${formatDuration(thresholds.maxAgeMs)}`);
  return warn(
    listed(late, (state) => `${state.name}: ${pendingOf(state)}, the oldest for ${formatDuration(ageOf(state, thresholds))}`),
    'See whether its workers run and what they log; `semel status` shows whether the backlog shrinks.',
  );
}

/** A worker that runs for long was started long ago, too: so only one whose messages wait just as long counts as gone. */
function goneConsumers(states: readonly SubscriptionState[], thresholds: Thresholds): Found {
  const { nowMs, goneMs } = thresholds;
  const gone = states.filter((state) => isPending(state) && nowMs - state.seenAtMs > goneMs && ageOf(state, thresholds) > goneMs);
  if (gone.length === 0) return ok(`none with a backlog has been away for more than ${formatDuration(goneMs)}`);
  const { name } = gone[0] as SubscriptionState;
  return warn(
    listed(gone, (state) => `${state.name}: last started ${formatDuration(nowMs - state.seenAtMs)} ago, ${pendingOf(state)}`),
    `Start it. If it was renamed, list the old name in the new one's \`previousNames\`; if it is gone for good, \`semel remove ${name} --yes\` lets go of its backlog.`,
  );
}

function deadLetters(states: readonly SubscriptionState[]): Found {
  const buried = states.filter((state) => state.deadLetters > 0);
  if (buried.length === 0) return ok('none');
  const { name } = buried[0] as SubscriptionState;
  return warn(
    listed(buried, (state) => `${state.name}: ${state.deadLetters}`),
    `\`semel dead list --consumer ${name}\` says why; mend the cause, then \`semel dead redrive\`, or \`semel dead discard\`.`,
  );
}

function heldKeys(states: readonly SubscriptionState[]): Found {
  const holding = states.filter((state) => state.backlog.held > 0);
  if (holding.length === 0) return ok('none');
  return warn(
    listed(holding, (state) => `${state.name}: ${state.backlog.held} held by a dead letter`),
    'Redrive or discard the dead letters; the keys go on then.',
  );
}

function pauses(states: readonly SubscriptionState[], { nowMs }: Thresholds): Found {
  const paused = states.filter((state) => (state.pausedUntilMs ?? 0) > nowMs);
  if (paused.length === 0) return ok('none');
  const { name } = paused[0] as SubscriptionState;
  return warn(
    listed(paused, (state) => `${state.name}: ${untilWhen(state.pausedUntilMs as number)}`),
    `\`semel resume ${name}\` ends it.`,
  );
}

function untilWhen(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'until resumed' : `until ${new Date(ms).toISOString()}`;
}

function isPending({ backlog }: SubscriptionState): boolean {
  return backlog.ready + backlog.inFlight + backlog.retrying > 0;
}

function pendingOf({ backlog }: SubscriptionState): string {
  return `${counted(backlog.ready + backlog.inFlight + backlog.retrying, 'message')} pending`;
}

function ageOf(state: SubscriptionState, { nowMs }: Thresholds): number {
  return nowMs - (state.oldestMs ?? nowMs);
}

function listed(states: readonly SubscriptionState[], tell: (state: SubscriptionState) => string): string {
  return states.map(tell).join('; ');
}
