import type { Action } from './action.ts';
import { type Footprint, independent } from './footprint.ts';
import { type Chooser, play, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** A place in the tree of schedules at which a step was chosen. */
interface Node {
  readonly moves: readonly string[];
  index: number;
  /** What the chosen step touched. */
  footprint: Footprint | undefined;
  /** Steps whose schedules from here are covered by others: they were taken earlier, and nothing since depends on them. */
  readonly asleep: Map<string, Footprint>;
}

/** Bounds of {@link exploreAll}. */
export interface ExploreOptions {
  /** @default no bound */
  readonly mostSchedules?: number;
  /** False plays the orders of independent steps too: to see that nothing is missed. @default true */
  readonly reduced?: boolean;
}

/** How large the tree was. */
export interface Extent {
  /** Played to their end. */
  readonly schedules: number;
  /** Given up because others cover them. */
  readonly covered: number;
  /** Whether nothing was left. */
  readonly exhausted: boolean;
}

/**
 * Plays every schedule of a scenario, by playing it again from the start for each, and tells of each that came to its end. Two schedules that
 * differ only in the order of steps that are independent of each other are one: of those one is played (sleep sets). It stops where `heard` says false.
 */
export async function exploreAll(scenario: Scenario, heard: (run: Run) => boolean | Promise<boolean>, options: ExploreOptions = {}): Promise<Extent> {
  const { mostSchedules = Number.POSITIVE_INFINITY, reduced = true } = options;
  const tree = new Tree(reduced);
  let schedules = 0;
  let covered = 0;
  do {
    tree.restart();
    const run = await play(scenario, tree);
    if (run.abandoned) covered++;
    else {
      schedules++;
      if (!(await heard(run))) return { schedules, covered, exhausted: false };
    }
    if ((schedules + covered) % RUNS_PER_TURN === 0) await eventLoop();
  } while (tree.advance() && schedules < mostSchedules);
  return { schedules, covered, exhausted: tree.isDone };
}

const RUNS_PER_TURN = 100;

/** Lets the process do what is not a microtask: collect finalizers, heed signals. */
export function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class Tree implements Chooser {
  readonly #reduced: boolean;
  readonly #path: Node[] = [];
  #depth = 0;

  constructor(reduced: boolean) {
    this.#reduced = reduced;
  }

  get isDone(): boolean {
    return this.#path.length === 0;
  }

  restart(): void {
    this.#depth = 0;
  }

  choose(moves: readonly Action[]): number {
    const known = this.#path[this.#depth];
    if (known !== undefined) {
      if (known.moves.length !== moves.length || known.moves.some((id, index) => id !== moves[index]?.id)) throw notTheSame(known.moves, moves);
      return known.index;
    }
    const asleep = this.#asleep();
    const ids = moves.map(({ id }) => id);
    const index = ids.findIndex((id) => !asleep.has(id));
    if (index >= 0) this.#path.push({ moves: ids, index, footprint: undefined, asleep });
    return index;
  }

  taken(footprint: Footprint): void {
    (this.#path[this.#depth] as Node).footprint = footprint;
    this.#depth++;
  }

  /** Moves to the next schedule that is not covered; false where there is none. */
  advance(): boolean {
    for (let node = this.#path.at(-1); node !== undefined; node = this.#path.at(-1)) {
      if (node.footprint !== undefined) node.asleep.set(node.moves[node.index] as string, node.footprint);
      const next = node.moves.findIndex((id, index) => index > node.index && !node.asleep.has(id));
      if (next >= 0) {
        node.index = next;
        node.footprint = undefined;
        return true;
      }
      this.#path.pop();
    }
    return false;
  }

  /** What slept at the place before, and does not depend on the step taken there. */
  #asleep(): Map<string, Footprint> {
    const before = this.#path.at(-1);
    const taken = before?.footprint;
    if (before === undefined || taken === undefined || !this.#reduced) return new Map();
    return new Map([...before.asleep].filter(([, footprint]) => independent(footprint, taken)));
  }
}

function notTheSame(before: readonly string[], now: readonly Action[]): Error {
  return new Error(`the same choices gave another run: where there was a choice of ${before.join(', ')}, there is now one of ${now.map(({ id }) => id).join(', ')}`);
}
