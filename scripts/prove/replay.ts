import { choicesOf, choicesText, following } from '../../packages/semel/src/prove/explorer/follow.ts';
import { walk } from '../../packages/semel/src/prove/explorer/random-walk.ts';
import { play, type Run } from '../../packages/semel/src/prove/explorer/run.ts';
import type { Scenario } from '../../packages/semel/src/prove/explorer/scenario.ts';
import { FAMILY_NAMES, type FamilyName } from './families.ts';
import { randomScenario, smallScenario } from './scenarios.ts';

/** Which run: all that is needed to play it again. */
export interface Replay {
  readonly family: FamilyName;
  /** `small` with the most faults, or `random` with its seed. */
  readonly from: { readonly kind: 'small'; readonly faults: number } | { readonly kind: 'random'; readonly seed: number };
  /** What is left of the scenario after it was shrunk. */
  readonly workers?: number;
  readonly messages?: readonly string[];
  readonly faults?: number;
  /** Absent where the seed chooses. */
  readonly choices?: ReadonlyMap<number, number>;
}

/** The replay of a run, shrunk or not. */
export function replayOf(family: FamilyName, from: Replay['from'], scenario: Scenario, choices: ReadonlyMap<number, number>): Replay {
  return { family, from, workers: scenario.workers, messages: scenario.messages.map(({ id }) => id), faults: scenario.faults, choices };
}

/** As one word for a command line: `lease/random-1234/2/m1,m3/1/4:2,17:1`: workers, messages, faults, choices. */
export function replayText({ family, from, workers, messages, faults, choices }: Replay): string {
  const origin = from.kind === 'small' ? `small-${from.faults}` : `random-${from.seed}`;
  const parts = [family, origin];
  if (workers !== undefined && messages !== undefined && choices !== undefined) parts.push(String(workers), messages.join(','), String(faults), choicesText(choices));
  return parts.join('/');
}

/**
 * Reads what {@link replayText} wrote.
 * @throws Error where it is something else
 */
export function parseReplay(text: string): Replay {
  const [family, origin = '', workers, messages, faults, choices = ''] = text.split('/');
  const [, kind, number] = /^(small|random)-(\d+)$/.exec(origin) ?? [];
  const name = FAMILY_NAMES.find((each) => each === family);
  if (name === undefined || kind === undefined) throw new Error(`${text} is no replay: they look like lease/random-1234, of the families ${FAMILY_NAMES.join(', ')}`);
  const from = kind === 'small' ? ({ kind, faults: Number(number) } as const) : ({ kind: 'random', seed: Number(number) } as const);
  if (workers === undefined || messages === undefined || faults === undefined) return { family: name, from };
  return { family: name, from, workers: Number(workers), messages: messages.split(','), faults: Number(faults), choices: choicesOf(choices) };
}

/** Plays it again. */
export function playAgain({ family, from, workers, messages, faults, choices }: Replay): Promise<Run> {
  const whole = from.kind === 'small' ? smallScenario(family, from.faults) : randomScenario(family, from.seed);
  const kept = whole.messages.filter(({ id }) => messages?.includes(id) ?? true);
  const scenario: Scenario = { ...whole, workers: workers ?? whole.workers, messages: kept, faults: faults ?? whole.faults };
  if (choices === undefined && from.kind === 'random') return walk(scenario);
  return play(scenario, following(choices ?? new Map()));
}
