import type { Contract } from '../core/contract.ts';
import { formatDuration } from '../core/duration.ts';
import { isSemelError, SemelError } from '../core/errors.ts';
import { checkWindow } from '../core/redelivery-window.ts';
import { identityUnstable } from '../core/topic.ts';
import { type Footing, isInPlace } from './footing.ts';

/** Why the parts cannot carry what the consumer promises, each reason with what would mend it; none where they can. */
export function refusalsOf(footing: Footing): readonly SemelError[] {
  const { contract } = footing;
  if (contract === undefined) return [publishOnly(footing)];
  return [...missingCapabilities(footing, contract), ...shortDeadline(footing, contract), ...shortWindow(footing, contract), ...unstableIdentity(footing)];
}

function publishOnly({ consumer }: Footing): SemelError {
  return new SemelError(
    'capability-missing',
    `consumer ${consumer.name}: the routes of topic ${consumer.topic.name} can publish only; add a transport with a subscriber, or consume the topic where it arrives`,
  );
}

function missingCapabilities({ consumer, capabilities }: Footing, contract: Contract): readonly SemelError[] {
  const { policies, guarantee } = consumer;
  const { service, settlement, ordering, delivery } = contract;
  const alone = isInPlace(contract);
  const needs = (met: boolean, what: string, mend: string) => (met ? [] : [new SemelError('capability-missing', `consumer ${consumer.name} needs ${what}; ${mend}`)]);
  return [
    needs(capabilities.queue || alone, 'a store with a queue, for its retries and redrives', 'use a store that has one'),
    needs(capabilities.queue || !policies.holdKey, "a store with a queue, for `onDeadLetter: 'hold-key'`", 'use a store that has one, or leave it at its default'),
    needs(capabilities.inbox || alone || guarantee === 'at-least-once', `a record of handled messages, for ${service} may bring one again`, 'use a store that keeps one'),
    needs(capabilities.inbox || !policies.recordResult, 'a record of handled messages, to keep results in', 'use a store that keeps one, or leave `recordResult` away'),
    needs(settlement.value !== 'position' || capabilities.positions, `positions, because ${service} is a log`, 'use a store that keeps them'),
    needs(!policies.orderRequired || ordering.value !== 'none', `an order by key, which ${service} does not keep`, "use a transport that does, or `order: 'none'`"),
    needs(!policies.concurrentGroup || capabilities.transactions === 'interactive', "an interactive transaction for `group: 'concurrent'`", 'leave `group` at its default'),
    needs(
      delivery.value !== 'at-most-once' || guarantee === 'at-most-once',
      `a delivery that is repeated until it is settled, for ${guarantee}, and ${service} makes each once at most (${delivery.source}): what a crash interrupts is lost`,
      "publish what arrives to a local topic before it is answered, and consume that, or choose `guarantee: 'at-most-once'`",
    ),
  ].flat();
}

/** A heartbeat keeps a delivery for as long as the handler may take, unless there is no such thing, or no more of it. At-most-once has settled it by then. */
function shortDeadline({ consumer }: Footing, { service, deadline }: Contract): readonly SemelError[] {
  if (deadline.value === null || consumer.guarantee === 'at-most-once') return [];
  const { prolonged, defaultMs, totalMs } = deadline.value;
  const givenMs = prolonged ? totalMs : defaultMs;
  const { timeoutMs } = consumer.policies;
  if (givenMs === null || timeoutMs <= givenMs) return [];
  const until = prolonged ? 'however often it is prolonged' : 'for nothing prolongs it';
  return [
    new SemelError(
      'deadline-too-short',
      `consumer ${consumer.name}: ${service} takes a delivery back after ${formatDuration(givenMs)}, ${until} (${deadline.source}), but its handler may take ${formatDuration(timeoutMs)}; it would be handled elsewhere while it still runs. Set timeoutMs to at most ${givenMs}`,
      { details: { neededMs: timeoutMs, givenMs } },
    ),
  ];
}

function shortWindow({ consumer, retention }: Footing, { service, redeliveryWindowMs: { value: windowMs, source } }: Contract): readonly SemelError[] {
  if (consumer.guarantee === 'at-least-once' || windowMs === null) return [];
  try {
    checkWindow(consumer.name, { service, windowMs, source }, retention.inboxMs);
    return [];
  } catch (error) {
    if (isSemelError(error, 'window-too-short')) return [error];
    throw error;
  }
}

function unstableIdentity({ consumer, identity }: Footing): readonly SemelError[] {
  if (consumer.guarantee === 'at-least-once' || identity !== 'unstable') return [];
  return [identityUnstable(`consumer ${consumer.name}`, consumer.topic.name)];
}
