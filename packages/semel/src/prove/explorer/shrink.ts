import { exploreAll } from './depth-first.ts';
import { deviationsOf, following } from './follow.ts';
import { walk } from './random-walk.ts';
import { play, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** How many runs a failure may cost to shrink. */
const MOST_TRIES = 2_000;
/** How many schedules of the smallest scenario are played through for each number of faults. */
const MOST_SCHEDULES = 600;
/** Of the tries those in each smaller scenario. */
const WALKS = 40;

/** A failing run at its smallest. */
export interface Shrunk {
  readonly run: Run;
  readonly scenario: Scenario;
  readonly choices: ReadonlyMap<number, number>;
}

/** Makes the schedule of a run as short as it can, so that it still fails in the same way. */
export async function shrink(failing: Run, fails: (run: Run) => boolean): Promise<Shrunk> {
  const shrinking = new Shrinking({ run: failing, scenario: failing.scenario, choices: deviationsOf(failing.choices) }, fails);
  await shrinking.work();
  return shrinking.smallest;
}

class Shrinking {
  smallest: Shrunk;
  readonly #fails: (run: Run) => boolean;
  /** Scenarios in which nothing failed. */
  readonly #hopeless = new Set<string>();
  #tries = 0;

  constructor(first: Shrunk, fails: (run: Run) => boolean) {
    this.smallest = first;
    this.#fails = fails;
  }

  /** Smaller scenarios first, then fewer choices; again as long as something helps. */
  async work(): Promise<void> {
    for (let helped = true; helped && this.#tries < MOST_TRIES; ) {
      helped = false;
      for (const scenario of smallerThan(this.smallest.scenario)) helped = (await this.#tryScenario(scenario)) || helped;
      helped = (await this.#withoutParts()) || helped;
      helped = (await this.#plainer()) || helped;
    }
    await this.#withFewestFaults();
  }

  /** What is small by now is played through: first without any fault, then with one, then with two. */
  async #withFewestFaults(): Promise<void> {
    const { scenario } = this.smallest;
    for (let faults = 0; faults < Math.min(scenario.faults, 3); faults++) {
      const { exhausted } = await exploreAll({ ...scenario, faults }, (run) => !this.#keep(run), { mostSchedules: MOST_SCHEDULES });
      if (!exhausted && this.smallest.scenario.faults === faults) return;
    }
  }

  /** Leaves out half of the choices, then quarters, down to single ones. */
  async #withoutParts(): Promise<boolean> {
    let helped = false;
    for (let size = Math.ceil(this.smallest.choices.size / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let start = 0; start < this.smallest.choices.size; ) {
        const all = [...this.smallest.choices];
        const without = new Map([...all.slice(0, start), ...all.slice(start + size)]);
        if (await this.#try(this.smallest.scenario, without)) helped = true;
        else start += size;
      }
    }
    return helped;
  }

  /** Takes an earlier one of the steps that were possible. */
  async #plainer(): Promise<boolean> {
    let helped = false;
    for (const [place, choice] of this.smallest.choices) {
      for (let less = 1; less < choice; less++) {
        if (!(await this.#try(this.smallest.scenario, new Map(this.smallest.choices).set(place, less)))) continue;
        helped = true;
        break;
      }
    }
    return helped;
  }

  /** In a smaller scenario the same choices mean something else, so others are tried too. */
  async #tryScenario(scenario: Scenario): Promise<boolean> {
    if (await this.#try(scenario, this.smallest.choices)) return true;
    const { workers, messages, faults } = scenario;
    const name = `${workers} ${faults} ${messages.map(({ id }) => id)}`;
    if (this.#hopeless.has(name)) return false;
    this.#hopeless.add(name);
    for (let seed = 1; seed <= WALKS; seed++) if (this.#keep(await this.#count(() => walk(scenario, seed)))) return true;
    return false;
  }

  /** What a try makes of the choices is what is kept: those beyond its end say nothing. */
  async #try(scenario: Scenario, choices: ReadonlyMap<number, number>): Promise<boolean> {
    return this.#keep(await this.#count(() => play(scenario, following(choices))));
  }

  async #count(runIt: () => Promise<Run>): Promise<Run | undefined> {
    return this.#tries++ < MOST_TRIES ? runIt() : undefined;
  }

  /** Whether a run fails as well, and is smaller. */
  #keep(run: Run | undefined): boolean {
    if (run === undefined || !this.#fails(run)) return false;
    const made: Shrunk = { run, scenario: run.scenario, choices: deviationsOf(run.choices) };
    if (weight(made) >= weight(this.smallest)) return false;
    this.smallest = made;
    return true;
  }
}

/** Fewer workers and messages count most, then faults, then other choices, then steps. */
function weight({ scenario: { workers, messages, faults }, choices, run: { steps } }: Shrunk): number {
  let detours = 0;
  for (const choice of choices.values()) detours += choice;
  return workers * 1e9 + messages.length * 1e8 + faults * 1e6 + choices.size * 1e4 + steps * 10 + detours / 1e3;
}

function smallerThan(scenario: Scenario): readonly Scenario[] {
  const { workers, messages, faults } = scenario;
  return [
    ...(workers > 1 ? [{ ...scenario, workers: workers - 1 }] : []),
    ...(faults > 0 ? [{ ...scenario, faults: faults - 1 }] : []),
    ...(messages.length > 1 ? messages.map((_, index) => ({ ...scenario, messages: messages.toSpliced(index, 1) })) : []),
  ];
}
