import { CONSUMER_BOUNDARIES } from '../../core/lifecycle.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { disturbed, duplicates, type Scenario, stalled } from '../once/scenario.ts';

/** Fewer kills than this would leave a boundary out. */
export const FEWEST_KILLS: number = CONSUMER_BOUNDARIES.length;

/** One kill in so many comes at a random moment, the others at a boundary, one after another; where there are too few for both, at a boundary. */
const RANDOM_KILL = 3;

/** What is done to processes: kills, a stop at each boundary for longer than the lease, and duplicates. */
export function killing({ kills, seed }: { readonly kills: number; readonly seed: number }): readonly Scenario[] {
  const random = seededRandom(seed);
  const boundaries = Math.max(FEWEST_KILLS, kills - Math.floor(kills / RANDOM_KILL));
  return [
    ...Array.from({ length: boundaries }, (_, index) => killAt(index)),
    ...Array.from({ length: kills - boundaries }, () => disturbed('kill', 'any moment', { kind: 'crash', at: { moment: random() } })),
    ...CONSUMER_BOUNDARIES.map((boundary) => stalled('freeze', boundary, { kind: 'stall', at: { boundary } })),
    ...duplicates(),
  ];
}

function killAt(index: number): Scenario {
  const boundary = CONSUMER_BOUNDARIES[index % CONSUMER_BOUNDARIES.length] as (typeof CONSUMER_BOUNDARIES)[number];
  return disturbed('kill', boundary, { kind: 'crash', at: { boundary } });
}
