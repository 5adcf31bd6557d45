import type { Consumer } from '../consumer/consumer.ts';
import type { Contract, Duplicate } from '../core/contract.ts';
import { formatDuration } from '../core/duration.ts';
import { type Footing, isInPlace, type ServiceParts, sourceOf } from './footing.ts';
import { listed, sentence } from './sentence.ts';
import { WAYS, wayOf } from './ways.ts';

/** The places that a message passes. */
export interface Route {
  readonly service: string;
  readonly store: string;
  /** The transport that it comes by; absent where the topic is local. */
  readonly transport?: {
    readonly name: string;
    readonly service: string;
    /** This service publishes to it as well, through its outbox. */
    readonly relayed: boolean;
  };
  /** Who publishes to the topic among the consumers of this service. */
  readonly producers: readonly string[];
  /** The topics that the handler may publish to, with where what it publishes goes: consumers of this service, and transports. */
  readonly onward: readonly { readonly topic: string; readonly consumers: readonly string[]; readonly transports: readonly string[] }[];
}

/** What happens at one place. */
export interface Step {
  readonly at: 'producer' | 'transport' | 'consumer' | 'effect' | 'onward';
  readonly says: string;
}

/** The places that the messages of a consumer pass. */
export function routeOf(consumer: Consumer, { name, store, routes }: ServiceParts, others: readonly Consumer[]): Route {
  const transport = sourceOf(consumer, routes);
  const onward = [...consumer.policies.publishes].map(({ name: topic }) => ({
    topic,
    consumers: routes.has(topic) ? [] : others.filter((other) => other.topic.name === topic).map((other) => other.name),
    transports: (routes.get(topic) ?? []).flatMap((other) => (other.publisher === undefined ? [] : [other.contract.service])),
  }));
  const producers = others.filter(({ policies }) => [...policies.publishes].some(({ name: topic }) => topic === consumer.topic.name)).map((other) => other.name);
  const by = transport && { name: transport.name, service: transport.contract.service, relayed: transport.publisher !== undefined };
  return { service: name, store: store.name, producers, onward, ...(by === undefined ? {} : { transport: by }) };
}

/** What happens from the producer to the effect, and with what the handler publishes. */
export function stepsOf(footing: Footing, route: Route): readonly Step[] {
  const { contract } = footing;
  if (contract === undefined) return [];
  return [
    { at: 'producer', says: producerStep(footing, contract, route) },
    { at: 'transport', says: transportStep(contract) },
    { at: 'consumer', says: consumerStep(footing, contract) },
    { at: 'effect', says: effectStep(footing, contract, route) },
    ...route.onward.map((onward): Step => ({ at: 'onward', says: onwardStep(footing, onward) })),
  ];
}

function producerStep({ consumer, retention }: Footing, contract: Contract, { transport, producers }: Route): string {
  const topic = consumer.topic.name;
  const who = producers.length === 0 ? `Whoever publishes to ${topic}` : `${producers.join(', ')}, and whoever else publishes to ${topic},`;
  const within = retention.messagesMs === Number.POSITIVE_INFINITY ? '' : `, within ${formatDuration(retention.messagesMs)},`;
  if (transport === undefined)
    return `${who} does it in a transaction of the store: the message is there if that commits, and only then. The same identity again${within} is no second message.`;
  if (!transport.relayed)
    return `Others publish to ${topic}; what names a message is the source and id that they gave it. If they publish it again under another id, it is another message.`;
  if (isInPlace(contract))
    return `${who} does it in a transaction of the store: who reads committed records sees it if that commits, and only then. Others may write to the topic as well.`;
  return `${who} does it in a transaction of the store, into its outbox. From there the relay sends it until ${contract.service} has taken it; where an answer is lost it sends it again, under the same identity. ${recognition(contract)}`;
}

function recognition({ service, dedupWindowMs, dedupKey }: Contract): string {
  if (dedupWindowMs.value === 0) return `${service} does not know it again, so it may be there twice.`;
  const within = dedupWindowMs.value === null ? '' : ` for ${formatDuration(dedupWindowMs.value)}`;
  return `${service} knows it again${within}, by ${dedupKey.value}; after that it may be there twice.`;
}

const ORDERS: Readonly<Record<Contract['ordering']['value'], string>> = {
  none: 'in no order',
  key: 'in the order of each key',
  partition: 'in the order of each partition',
  total: 'in one order',
};

const DELIVERIES: Readonly<Record<Contract['delivery']['value'], string>> = {
  'at-most-once': 'once at most',
  'at-least-once': 'at least once',
  'exactly-once': 'once, within its own bounds',
};

const CAUSES: Readonly<Record<Duplicate, string>> = {
  unsettled: 'nobody settled it in time, or its reader died',
  settled: 'now and then, though it was settled',
  'publish-retry': 'its publish was repeated',
  redrive: 'it is redriven, or read again on purpose',
  rebalance: 'another reader takes over',
  spontaneous: 'now and then, without any failure',
};

function transportStep({ service, delivery, ordering, duplicates }: Contract): string {
  const causes = duplicates.value.map((cause) => CAUSES[cause]);
  const again = causes.length === 0 ? '' : ` A message comes again when ${listed(causes, 'or')}.`;
  return `${sentence(service)} delivers ${DELIVERIES[delivery.value]}, ${ORDERS[ordering.value]}.${again}`;
}

function consumerStep({ consumer }: Footing, contract: Contract): string {
  const { name, topic, guarantee, policies } = consumer;
  if (isInPlace(contract)) return inPlaceStep(consumer);
  if (guarantee === 'at-most-once') return 'The record is written and the message is settled before the handler begins: what a crash interrupts is not done, and never done twice.';
  if (guarantee === 'at-least-once') return 'The handler runs, then the message is settled; no record is kept.';
  const record = `The record (${name}, source of the message, id) is claimed in the transaction before the handler runs; where it is there already, the message of ${topic.name} is settled and the handler does not run.`;
  const stale = contract.settlement.value === 'position' ? ' Who lost its partition commits nothing.' : '';
  return `${record}${stale} After ${policies.retry.attempts} failed tries it is a dead letter in the store, which keeps its record.`;
}

const IN_PLACE: Readonly<Record<Consumer['guarantee'], string>> = {
  'at-most-once': 'The position moves on before the handler begins: what a crash interrupts is not done, and never done twice.',
  'at-least-once': 'The handler runs, then the position moves on.',
  'exactly-once': 'The position moves on in the transaction of what the handler publishes. Who lost its partition commits nothing.',
};

function inPlaceStep({ guarantee, policies }: Consumer): string {
  return `${IN_PLACE[guarantee]} No record is kept: what a producer wrote twice is handled twice. A message that fails holds its partition up; after ${policies.retry.attempts} tries it goes to the topic of dead letters.`;
}

function effectStep(footing: Footing, contract: Contract, { store }: Route): string {
  const way = wayOf(footing);
  if (way === undefined) return 'Once at most: the effect is made, or lost.';
  if (way === 'naturally') return WAYS[way]();
  if (isInPlace(contract)) return `What the handler publishes and the position commit in one transaction of ${store}. ${contract.acknowledgement.value}`;
  const acknowledgement =
    contract.settlement.value === 'in-transaction'
      ? 'The row of the queue goes in it too, so there is nothing to acknowledge.'
      : `The acknowledgement follows. ${contract.acknowledgement.value}`;
  return `${WAYS[way](store)} ${acknowledgement}`;
}

function onwardStep({ consumer, capabilities }: Footing, { topic, consumers, transports }: Route['onward'][number]): string {
  const places = [...consumers.map((name) => `the queue of ${name}`), ...transports.map((service) => (capabilities.queue ? `the outbox for ${service}` : service))];
  const commits = consumer.guarantee === 'exactly-once' ? 'is in the same transaction' : 'commits by itself';
  return `What it publishes to ${topic} ${commits}, under an id that a retry makes again${places.length === 0 ? '; nobody here consumes it' : `; it goes into ${listed(places, 'and')}`}.`;
}
