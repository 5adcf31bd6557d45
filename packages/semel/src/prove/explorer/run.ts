import type { Message } from '../../core/message.ts';
import type { Recording } from '../adversary/surroundings.ts';
import type { Effect, Ending, History, PlannedMessage } from '../history.ts';
import type { Action } from './action.ts';
import type { Footprint } from './footprint.ts';
import type { Scenario } from './scenario.ts';
import { CONSUMER } from './shop.ts';
import { World } from './world.ts';

/** Chooses among the steps that can come next, and is told what the chosen one touched. */
export interface Chooser {
  /** The index of the step to take; -1 gives the run up, because another covers it. */
  choose(moves: readonly Action[]): number;
  taken?(footprint: Footprint): void;
}

/** A run that was played to its end, or given up. */
export interface Run {
  readonly scenario: Scenario;
  readonly history: History;
  /** Which step was taken wherever there were several. */
  readonly choices: readonly number[];
  readonly steps: number;
  /** The chooser gave it up. */
  readonly abandoned: boolean;
  readonly broken: unknown;
  /** Of what could have gone wrong, and where: `kill@handled`. */
  readonly offered: ReadonlySet<string>;
  readonly fired: ReadonlySet<string>;
}

/** More than any schedule takes that comes to its end. */
const MAX_STEPS = 4_000;
/** After this much virtual time everything has ended, however long the pauses grew. */
const MAX_MS = 180_000;

/** Plays a scenario, as the chooser will have it. @param recorded where the calls of its stores are to be written down */
export async function play(scenario: Scenario, chooser: Chooser, recorded?: Recording): Promise<Run> {
  const world = new World(scenario, recorded);
  await world.begin();
  const choices: number[] = [];
  const offered = new Set<string>();
  const fired = new Set<string>();
  let steps = 0;
  let abandoned = false;
  while (!world.ended && world.broken === undefined && steps < MAX_STEPS && world.time.nowMs - world.time.startMs < MAX_MS) {
    const moves = world.moves();
    for (const move of moves) if (move.kind === 'fault') offered.add(`${move.fault}@${move.at}`);
    const index = chooser.choose(moves);
    const move = moves[index];
    if (move === undefined) {
      abandoned = true;
      break;
    }
    if (moves.length > 1) choices.push(index);
    if (move.kind === 'fault') fired.add(`${move.fault}@${move.at}`);
    const footprint = await world.take(move);
    chooser.taken?.(footprint);
    steps++;
  }
  return { scenario, history: historyOf(world), choices, steps, abandoned, broken: world.broken, offered, fired };
}

function historyOf(world: World): History {
  const { scenario, entries } = world;
  const ordered = scenario.guarantee !== 'at-most-once' && (scenario.contract === undefined || scenario.contract.ordering.value !== 'none');
  return { guarantee: scenario.guarantee, consumes: scenario.source !== 'outbox', ordered, entries, ending: endingOf(world) };
}

function endingOf(world: World): Ending {
  const { scenario, state, outside } = world;
  const { sink } = world.adversary;
  const records = [...(state.inbox.get(CONSUMER) ?? [])].map(([identity, { state: what, fingerprint }]) => {
    const id = identity.slice(identity.indexOf(ORDERS) + ORDERS.length);
    return { id, state: what, matches: fingerprint === world.fingerprintOf(id) };
  });
  const outbox = [...state.messages.values()].flatMap(({ sealed: { message } }) => (message.topic === 'receipts' ? [causeOf(message)] : []));
  return {
    finished: world.ended,
    accepted: world.accepted,
    effects: scenario.guarantee === 'exactly-once' ? ((state.values.get('effects') as readonly Effect[] | undefined) ?? []) : outside,
    records,
    deadLetters: [...state.deadLetters.values()].map(({ letter }) => letter.messageId),
    outbox,
    ...(sink === undefined ? {} : { arrivals: sink.arrivals.map(({ message }) => causeOf(message)) }),
    ...(scenario.producer ? { placed: (state.values.get('placed') as readonly string[] | undefined) ?? [] } : {}),
  };
}

const ORDERS = 'shop/orders';

function causeOf(receipt: Message): string {
  return (receipt.data as PlannedMessage).id;
}
