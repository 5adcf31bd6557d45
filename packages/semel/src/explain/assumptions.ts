import type { Contract, Period } from '../core/contract.ts';
import type { Footing } from './footing.ts';
import { horizonOf } from './horizon.ts';
import type { IdentityFinding } from './identity.ts';
import { sentence, span } from './sentence.ts';
import type { Route } from './steps.ts';

/** What has to be true. */
export interface Assumption {
  readonly says: string;
  /** The figure behind it, where there is one; null: without bound. */
  readonly figureMs?: number | null;
  /** Where it is from, or can be read. */
  readonly source: string;
}

const GUARANTEES = 'docs/guarantees.md';

/** What a guarantee rests on, from the identity to the disk. */
export function assumptionsOf(footing: Footing, route: Route): readonly Assumption[] {
  const { contract, consumer, capabilities } = footing;
  if (contract === undefined) return [];
  const recorded = consumer.guarantee !== 'at-least-once' && capabilities.inbox;
  return [
    ...(recorded ? [identityAssumption(footing, route), windowAssumption(footing, contract), ...lateCopies(footing, contract, route)] : []),
    ...(capabilities.inbox ? [] : [producerAssumption(footing, contract)]),
    handlerAssumption(footing, contract),
    contractAssumption(contract),
    outsideAssumption(footing),
    diskAssumption(footing, route),
  ];
}

const IDENTITIES: Readonly<Record<IdentityFinding, string>> = {
  stable: 'names the event: asked twice about the same data, it gave the same id',
  unstable: 'names the event; it does not, for it gave two ids for the same data',
  untried: 'names the event. It needs real data, so it could not be tried',
  given: 'is not declared for all of its types: each publish brings an id that names the event',
};

function identityAssumption({ consumer, identity }: Footing, { transport }: Route): Assumption {
  if (transport?.relayed === false) return { says: `Whoever publishes to ${consumer.topic.name} gives an event the same id each time.`, source: 'docs/publishing.md' };
  return { says: `The \`id\` of topic ${consumer.topic.name} ${IDENTITIES[identity]}.`, source: 'docs/publishing.md' };
}

/** What nobody would notice without a record. */
function producerAssumption({ consumer }: Footing, { duplicates }: Contract): Assumption {
  return { says: `No producer writes an event of ${consumer.topic.name} twice, and nobody sets positions back: nothing here would know it again.`, source: duplicates.source };
}

/** How late a duplicate can come, and how long its record is kept. */
function windowAssumption({ retention }: Footing, contract: Contract): Assumption {
  const { settlement, redelivery, redeliveryWindowMs } = contract;
  const { comesAgainMs, recordsKeptMs } = horizonOf(contract, retention);
  const service = sentence(contract.service);
  const { source } = redeliveryWindowMs;
  const kept = `records are kept ${recordsKeptMs === Number.POSITIVE_INFINITY ? 'for ever' : `for ${span(recordsKeptMs)}`} (retention.inboxMs)`;
  if (comesAgainMs === 0) return { says: `${service} brings nothing again that was handled; ${kept}.`, figureMs: 0, source };
  if (settlement.value === 'position')
    return { says: `${service} is read once, by position. No producer writes an event again after its record is gone; ${kept}.`, figureMs: recordsKeptMs, source };
  if (comesAgainMs === null)
    return { says: `${service} brings a message again, however late, until it is settled. No worker is away for longer than that takes; ${kept}.`, figureMs: null, source };
  const most = redeliveryWindowMs.value === null ? ' at the longest settings' : '';
  const fit = most === '' || comesAgainMs <= recordsKeptMs ? '' : ' Where yours are that long, shorten them, or keep records for longer.';
  return { says: `${service} can bring a message again for ${span(comesAgainMs)}${most}${partsOf(redelivery.value)}; ${kept}.${fit}`, figureMs: comesAgainMs, source };
}

function partsOf(periods: readonly Period[]): string {
  return periods.length < 2 ? '' : ` (${periods.map(({ place, maxMs }) => `${span(maxMs)} in ${place}`).join(', ')})`;
}

/** A second copy of a publish is as late as its sender, and its own redeliveries come on top. */
function lateCopies({ retention, consumer }: Footing, { redeliveryWindowMs, settlement }: Contract, { transport }: Route): readonly Assumption[] {
  const figureMs = Math.max(0, retention.inboxMs - (redeliveryWindowMs.value ?? 0));
  if (figureMs === Number.POSITIVE_INFINITY || transport?.relayed === false) return [];
  if (transport === undefined)
    return [{ says: `Nobody publishes an event of ${consumer.topic.name} again later than ${span(figureMs)} after it was handled.`, figureMs, source: GUARANTEES }];
  const less = redeliveryWindowMs.value === null && settlement.value !== 'position' ? `, less the time for which ${transport.service} brings it again,` : '';
  const says = `The relay is not away for longer than ${span(figureMs)}${less} between sending a message and marking it as sent; it sends it again then, and the record would be gone.`;
  return [{ says, figureMs, source: 'docs/publishing.md' }];
}

function handlerAssumption({ consumer }: Footing, { service, takenBack, deadline }: Contract): Assumption {
  const { timeoutMs, leaseMs } = consumer.policies;
  const interrupted = `A handler is interrupted after ${span(timeoutMs)} (timeoutMs)`;
  if (takenBack.value === 'connection') {
    const limit = deadline.value === null ? '' : `, ${span(deadline.value.totalMs ?? deadline.value.defaultMs)} at the most`;
    return {
      says: `${interrupted}; ${service} leaves a message with its reader for as long as the connection lives${limit}.`,
      figureMs: timeoutMs,
      source: deadline.source,
    };
  }
  const beat = deadline.value?.prolonged === false ? 'and is not prolonged' : `and is prolonged every ${span(leaseMs / 3)} while the process gets to it`;
  const blocks = leaseMs < timeoutMs ? ' A handler that keeps the process from it for longer loses the message, and commits nothing under a stale fence.' : '';
  return { says: `${interrupted}; a lease is ${span(leaseMs)} long, ${beat}.${blocks}`, figureMs: leaseMs, source: 'docs/consumers.md' };
}

function contractAssumption({ service, delivery }: Contract): Assumption {
  return { says: `${sentence(service)} keeps its contract.`, source: `docs/contracts.md; ${delivery.source}` };
}

function outsideAssumption({ consumer }: Footing): Assumption {
  const says =
    consumer.guarantee === 'at-least-once'
      ? 'The effect is the same if the handler runs twice.'
      : consumer.guarantee === 'at-most-once'
        ? 'Losing an effect is acceptable.'
        : 'Effects go through `tx`: what the handler does beside it is done again when the handler runs again.';
  return { says, source: 'docs/consumers.md' };
}

function diskAssumption({ capabilities }: Footing, { store }: Route): Assumption {
  if (!capabilities.durable) return { says: `The process lives: the store ${store} keeps nothing beyond it, so this is for tests.`, source: GUARANTEES };
  return { says: `What ${store} reported as committed is there after a power failure.`, source: GUARANTEES };
}
