import { SemelError } from '../../core/errors.ts';
import { identityKey } from '../../core/message.ts';
import type { Registry, Subscription, SubscriptionState } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';
import { discard } from './memory-dead-letters.ts';
import { enqueue, type MemoryState, type MemorySubscription } from './memory-state.ts';

type JoinOptions = Parameters<Registry['join']>[1];

/** The subscriptions of a store in memory. */
export function memoryRegistry({ state, now, write }: MemoryAccess): Registry {
  return {
    join: (subscription, options) => write((nowMs) => join(state, subscription, options, nowMs)),
    leave: (name) => write(() => leave(state, name)),
    pause: (name, untilMs) => write(() => pause(state, name, untilMs)),
    resume: (name) => write(() => resume(state, name)),
    pausedUntilMs: async (name) => state.subscriptions.get(name)?.pausedUntilMs,
    list: async () => [...state.subscriptions.values()].map((subscription) => stateOf(state, subscription, now())),
  };
}

function join(state: MemoryState, subscription: Subscription, options: JoinOptions, nowMs: number): void {
  for (const name of [subscription.name, ...(options.previousNames ?? [])]) requireTopic(state, name, subscription.topic);
  const known = state.subscriptions.get(subscription.name);
  const previous = (options.previousNames ?? []).filter((name) => name !== subscription.name && state.subscriptions.has(name));
  if (known === undefined) add(state, subscription, previous.length > 0 ? { from: 'now' } : options, nowMs);
  else update(state, known, subscription, nowMs);
  for (const name of previous) handOver(state, name, subscription.name);
  state.wake();
}

/** A name stands for one topic: what is left of it is of no use for another. */
function requireTopic(state: MemoryState, name: string, topic: string): void {
  const known = state.subscriptions.get(name)?.subscription.topic;
  if (known === undefined || known === topic) return;
  const text = `${name} is the name of a consumer or route of topic ${known}, and cannot be joined to topic ${topic}: take another name, or remove the old one first`;
  throw new SemelError('duplicate-name', text, { details: { name, topic: known, given: topic } });
}

function add(state: MemoryState, subscription: Subscription, options: JoinOptions, nowMs: number): void {
  const queue = state.newQueue(subscription);
  state.subscriptions.set(subscription.name, { subscription, queue, joinedAtMs: nowMs, seenAtMs: nowMs });
  if (subscription.kind !== 'local' || options.from === 'now') return;
  const sinceMs = options.from === 'beginning' ? Number.NEGATIVE_INFINITY : options.from.sinceMs;
  for (const stored of state.messages.values()) {
    if (stored.sealed.message.topic === subscription.topic && stored.publishedAtMs >= sinceMs) enqueue(queue, stored, nowMs);
  }
}

function update(state: MemoryState, known: MemorySubscription, subscription: Subscription, nowMs: number): void {
  const { ordered, kind } = known.subscription;
  known.seenAtMs = nowMs;
  known.subscription = subscription;
  if (ordered === subscription.ordered && kind === subscription.kind) return;
  const queue = state.newQueue(subscription);
  queue.adopt(known.queue);
  known.queue = queue;
}

/** All that belongs to one name belongs to the other from now on. */
function handOver(state: MemoryState, from: string, to: string): void {
  dropWhatIsDone(state, from, to);
  dropWhatIsDone(state, to, from);
  state.subscription(to).queue.adopt(state.subscription(from).queue);
  merge(state.records(to), state.records(from));
  merge(state.partitions(to), state.partitions(from));
  for (const burial of state.deadLetters.values()) if (burial.consumer === from) burial.consumer = to;
  forget(state, from);
}

/** What one name gave up and the other has done must not be redriven. A conflicting payload was never done, and stays. */
function dropWhatIsDone(state: MemoryState, deadUnder: string, doneUnder: string): void {
  const isDone = (identity: string) => state.records(doneUnder).get(identity)?.state === 'done';
  for (const burial of [...state.deadLetters.values()]) {
    const { consumer, letter } = burial;
    if (consumer === deadUnder && letter.reason !== 'identity-conflict' && isDone(identityKey({ source: letter.source, id: letter.messageId }))) discard(state, burial);
  }
  const records = state.records(deadUnder);
  for (const [identity, record] of records) if (record.state === 'dead' && isDone(identity)) records.delete(identity);
}

function merge<Value>(into: Map<string, Value>, from: ReadonlyMap<string, Value>): void {
  for (const [key, value] of from) if (!into.has(key)) into.set(key, value);
}

function forget(state: MemoryState, name: string): void {
  state.subscriptions.delete(name);
  state.inbox.delete(name);
  state.positions.delete(name);
}

function leave(state: MemoryState, name: string): Awaited<ReturnType<Registry['leave']>> {
  const backlog = state.subscription(name).queue.clear();
  const records = state.inbox.get(name)?.size ?? 0;
  let deadLetters = 0;
  for (const [id, { consumer }] of state.deadLetters) {
    if (consumer !== name) continue;
    state.deadLetters.delete(id);
    deadLetters++;
  }
  forget(state, name);
  return { backlog, records, deadLetters };
}

function pause(state: MemoryState, name: string, untilMs: number): void {
  state.subscription(name).pausedUntilMs = untilMs;
}

function resume(state: MemoryState, name: string): void {
  delete state.subscription(name).pausedUntilMs;
  state.wake();
}

function stateOf(state: MemoryState, of: MemorySubscription, nowMs: number): SubscriptionState {
  const { subscription, queue, joinedAtMs, seenAtMs, pausedUntilMs } = of;
  const oldestMs = queue.oldestMs();
  const deadLetters = [...state.deadLetters.values()].filter(({ consumer }) => consumer === subscription.name).length;
  return {
    ...subscription,
    joinedAtMs,
    seenAtMs,
    ...(pausedUntilMs !== undefined && pausedUntilMs > nowMs ? { pausedUntilMs } : {}),
    backlog: queue.backlog(),
    ...(oldestMs === undefined ? {} : { oldestMs }),
    deadLetters,
  };
}
