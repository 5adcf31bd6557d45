import { CellCount } from '../../packages/semel/src/prove/explorer/cells.ts';
import { eventLoop, exploreAll } from '../../packages/semel/src/prove/explorer/depth-first.ts';
import { walk } from '../../packages/semel/src/prove/explorer/random-walk.ts';
import type { Run } from '../../packages/semel/src/prove/explorer/run.ts';
import { brokenBy, type Failure, failureOf } from './failure.ts';
import type { FamilyName } from './families.ts';
import type { Replay } from './replay.ts';
import { randomScenario, smallScenario } from './scenarios.ts';

/** What came of one family. */
export interface FamilyReport {
  readonly family: FamilyName;
  readonly small: SmallReport;
  readonly random: RandomReport;
  readonly count: CellCount;
  readonly failures: readonly Failure[];
}

/** Every schedule of two workers and one message. */
export interface SmallReport {
  readonly faults: number;
  readonly schedules: number;
  /** Given up because others cover them. */
  readonly covered: number;
  readonly exhausted: boolean;
  readonly seconds: number;
}

/** Schedules that seeds decided. */
export interface RandomReport {
  readonly seeds: number;
  readonly steps: number;
  /** Messages that were accepted, and those of them that were done. */
  readonly accepted: number;
  readonly done: number;
  readonly seconds: number;
}

/** How much is played. */
export interface Size {
  /** The most faults of the small scenario; none is played where it is negative. */
  readonly faults: number;
  readonly mostSchedules: number;
  readonly fromSeed: number;
  readonly seeds: number;
}

/** As many failures are told of a family: the rest are most likely the same. */
const MOST_FAILURES = 3;

/** Plays one family through. */
export async function explore(family: FamilyName, size: Size): Promise<FamilyReport> {
  const exploration = new Exploration(family);
  const random = await exploration.random(size);
  const small = await exploration.small(size);
  return { family, small, random, count: exploration.count, failures: exploration.failures };
}

class Exploration {
  readonly count: CellCount;
  readonly failures: Failure[] = [];
  readonly #family: FamilyName;

  constructor(family: FamilyName) {
    this.#family = family;
    this.count = new CellCount(smallScenario(family, 0));
  }

  async small({ faults, mostSchedules }: Size): Promise<SmallReport> {
    const startedMs = performance.now();
    if (faults < 0) return { faults: 0, schedules: 0, covered: 0, exhausted: false, seconds: 0 };
    const extent = await exploreAll(smallScenario(this.#family, faults), (run) => this.#heard(run, { kind: 'small', faults }), { mostSchedules });
    return { faults, ...extent, seconds: secondsSince(startedMs) };
  }

  async random({ fromSeed, seeds }: Size): Promise<RandomReport> {
    const startedMs = performance.now();
    let steps = 0;
    let accepted = 0;
    let done = 0;
    for (let seed = fromSeed; seed < fromSeed + seeds && this.failures.length < MOST_FAILURES; seed++) {
      const run = await walk(randomScenario(this.#family, seed));
      const { ending } = run.history;
      steps += run.steps;
      accepted += ending.accepted.length;
      done += new Set((this.#family === 'outbox' ? ending.arrivals : ending.effects.map(({ id }) => id)) ?? []).size;
      await this.#heard(run, { kind: 'random', seed });
      if (seed % 50 === 0) await eventLoop();
    }
    return { seeds, steps, accepted, done, seconds: secondsSince(startedMs) };
  }

  /** Whether to go on. */
  async #heard(run: Run, from: Replay['from']): Promise<boolean> {
    const broken = brokenBy(run).length > 0;
    this.count.add(run, broken);
    if (broken) this.failures.push(await failureOf(this.#family, from, run));
    return this.failures.length < MOST_FAILURES;
  }
}

function secondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) / 100) / 10;
}
