import type { Action } from './action.ts';
import type { FaultKind, Scenario } from './scenario.ts';
import type { Hold, WorkerProcess } from './worker-process.ts';

/** What the list of possible steps depends on. */
export interface Situation {
  readonly scenario: Scenario;
  readonly processes: readonly WorkerProcess[];
  readonly faultsLeft: number;
  /** Whether everything is at its end. */
  readonly complete: boolean;
  /** Whether a process has stood still for so long that it has to go on. */
  isOverdue(process: WorkerProcess): boolean;
  /** Whether a message has been put where it can be delivered from. */
  readonly repeatable: readonly string[];
  canDisconnect(process: WorkerProcess): boolean;
  readonly canRebalance: boolean;
  /** Whether it holds a broker's delivery, which is acknowledged apart from its transaction. */
  acknowledges(process: WorkerProcess, hold: Hold): boolean;
  isKiller(id: string): boolean;
}

/** The steps that can come next; what goes on by itself first, faults last. */
export function movesOf(situation: Situation): readonly Action[] {
  const steps = ordinary(situation);
  return situation.faultsLeft > 0 ? [...steps, ...faults(situation)] : steps;
}

function ordinary(situation: Situation): readonly Action[] {
  const { processes, complete, isOverdue } = situation;
  const going = processes.flatMap((process) => (process.state === 'up' ? stepsOf(situation, process, false) : []));
  const standing = processes.flatMap((process) => (process.state === 'frozen' ? [wakes(process)] : stepsOf(situation, process, true)));
  if (going.length > 0) return [...going, ...standing];
  if (standing.length === 0) return [complete ? END : TICK];
  const overdue = processes.some((process) => (process.state === 'frozen' || process.holds.some(({ slow }) => slow)) && isOverdue(process));
  return overdue ? standing : [TICK, ...standing];
}

function stepsOf({ scenario, isKiller }: Situation, process: WorkerProcess, slow: boolean): readonly Action[] {
  return movable(scenario, process)
    .filter((hold) => hold.slow === slow)
    .map((hold): Action => {
      const id = `${process.label}.${hold.number} ${hold.at}`;
      return isDeadly(hold, isKiller) ? { id: `${id}, dies`, kind: 'die', process, hold } : { id, kind: 'go', process, hold };
    });
}

function wakes(process: WorkerProcess): Action {
  return { id: `${process.label} wakes`, kind: 'wake', process };
}

/** Whether it stands in the handler of a message that ends its process. */
function isDeadly({ at, ids }: Hold, isKiller: Situation['isKiller']): boolean {
  return at === 'working' && ids.some(isKiller);
}

/** Where the loops of a process take turns, the one that has waited for longest goes first. What is slow waits for time. */
function movable({ loops }: Scenario, { holds }: WorkerProcess): readonly Hold[] {
  if (loops === 'free' || holds.length < 2) return holds;
  const first = holds.find(({ slow }) => !slow);
  return holds.filter((hold) => hold === first || hold.slow);
}

const TICK: Action = { id: 'time passes', kind: 'tick' };
const END: Action = { id: 'it is over', kind: 'end' };

function faults(situation: Situation): readonly Action[] {
  const kinds = new Set(situation.scenario.kinds);
  const up = situation.processes.filter(({ state }) => state === 'up');
  return [...up.flatMap((process) => faultsOf(situation, process)), ...faultsAround(situation)].filter(({ fault }) => kinds.has(fault));
}

type Fault = Extract<Action, { readonly kind: 'fault' }>;

function faultsOf(situation: Situation, process: WorkerProcess): readonly Fault[] {
  const { label } = process;
  const atHolds = movable(situation.scenario, process).flatMap((hold) => {
    if (hold.slow) return [];
    const { at, number } = hold;
    return faultsAtHold(situation, process, hold).map((fault): Fault => ({ id: `${fault} ${label}.${number} ${at}`, kind: 'fault', fault, at, process, hold }));
  });
  if (!situation.canDisconnect(process)) return atHolds;
  return [...atHolds, { id: `disconnect ${label}`, kind: 'fault', fault: 'disconnect', at: progressOf([process]), process }];
}

/** What befalls no worker in particular. */
function faultsAround({ processes, repeatable, canRebalance }: Situation): readonly Fault[] {
  const at = progressOf(processes);
  const repeated = repeatable.map((message): Fault => ({ id: `duplicate ${message}`, kind: 'fault', fault: 'duplicate', at, message }));
  return canRebalance ? [...repeated, { id: 'rebalance', kind: 'fault', fault: 'rebalance', at }] : repeated;
}

function faultsAtHold({ acknowledges, isKiller }: Situation, process: WorkerProcess, hold: Hold): readonly FaultKind[] {
  if (isDeadly(hold, isKiller)) return ANYWHERE;
  const possible = faultsAt(hold.at);
  return acknowledges(process, hold) ? possible : possible.filter((fault) => fault !== 'lose-ack');
}

const ANYWHERE: readonly FaultKind[] = ['kill', 'freeze'];
const PLACES: Readonly<Record<string, readonly FaultKind[]>> = {
  begun: ['cut'],
  claimed: ['cut'],
  handling: ['cut'],
  working: ['cut', 'throw', 'pause', 'slow'],
  handled: ['cut'],
  staged: ['cut'],
  committing: ['cut', 'lose-reply', 'lose-request', 'lose-fate'],
  publishing: ['refuse', 'lose-publish', 'lose-publish-reply'],
  settling: ['lose-ack'],
};

/** What can go wrong with a worker that stands at a step. */
export function faultsAt(step: string): readonly FaultKind[] {
  return [...ANYWHERE, ...(PLACES[step] ?? [])];
}

/** How far the first of some workers has come with what it has in hand. */
function progressOf(processes: readonly WorkerProcess[]): string {
  return processes.find(({ holds }) => holds.length > 0)?.holds[0]?.at ?? IDLE;
}

/** Where a worker is that has nothing in hand. */
export const IDLE = 'idle';
