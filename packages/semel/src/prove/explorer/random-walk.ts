import { seededRandom } from '../../testing/seeded-random.ts';
import type { Recording } from '../adversary/surroundings.ts';
import type { Action } from './action.ts';
import { type Chooser, play, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** How likely a fault is where one is possible. */
const FAULT_CHANCE = 0.12;

/** Plays one schedule that a seed decides: the scenario's, unless it is told another. @param recorded see {@link play} */
export function walk(scenario: Scenario, seed: number = scenario.seed, recorded?: Recording): Promise<Run> {
  return play(scenario, wandering(seed), recorded);
}

function wandering(seed: number): Chooser {
  const random = seededRandom(seed);
  const oneOf = (indexes: readonly number[]) => indexes[Math.floor(random() * indexes.length)] as number;
  return {
    choose(moves: readonly Action[]): number {
      if (moves.length === 1) return 0;
      const faults = indexesOf(moves, (move) => move.kind === 'fault');
      if (faults.length > 0 && random() < FAULT_CHANCE) return oneOf(ofOneKind(moves, faults, random));
      return oneOf(indexesOf(moves, (move) => move.kind !== 'fault'));
    },
  };
}

/** Kinds are equally likely, however many ways there are of each. */
function ofOneKind(moves: readonly Action[], faults: readonly number[], random: () => number): readonly number[] {
  const kindOf = (index: number) => (moves[index] as Extract<Action, { readonly kind: 'fault' }>).fault;
  const kinds = [...new Set(faults.map(kindOf))];
  const kind = kinds[Math.floor(random() * kinds.length)];
  return faults.filter((index) => kindOf(index) === kind);
}

function indexesOf(moves: readonly Action[], wanted: (move: Action) => boolean): readonly number[] {
  return moves.flatMap((move, index) => (wanted(move) ? [index] : []));
}
