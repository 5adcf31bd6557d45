import { CONSUMER_BOUNDARIES, RELAY_BOUNDARIES } from '../../core/lifecycle.ts';
import { powersOf } from '../adversary/powers.ts';
import { faultsAt, IDLE } from './moves.ts';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** How often something could go wrong at a step, how often it did, and how often a promise was broken then. */
export interface Cell {
  readonly fault: string;
  readonly step: string;
  /** Runs in which it could have gone wrong. */
  trials: number;
  /** Runs in which it did. */
  hits: number;
  violations: number;
}

/** What a worker that handles messages passes, and one that relays an outbox. */
const CONSUMER_STEPS: readonly string[] = [...CONSUMER_BOUNDARIES, 'working'];
const RELAY_STEPS: readonly string[] = [...RELAY_BOUNDARIES, 'begun', 'claimed', 'staged', 'committing', 'committed', 'settling', 'settled'];

/** Every fault at every step that a scenario's contract makes possible. */
function cellsOf({ source, contract }: Scenario): readonly Cell[] {
  const powers = contract && powersOf(contract);
  const steps = source === 'outbox' ? RELAY_STEPS : CONSUMER_STEPS;
  const own = steps.flatMap((step) =>
    faultsAt(step)
      .filter((fault) => fault !== 'lose-ack' || powers?.losesAcknowledgements)
      .map((fault) => cell(fault, step)),
  );
  const anywhere = [...steps, IDLE];
  return [
    ...own,
    ...(powers?.repeats ? anywhere.map((step) => cell('duplicate', step)) : []),
    ...(powers?.rebalances ? anywhere.map((step) => cell('rebalance', step)) : []),
    ...(powers?.disconnects ? steps.filter((step) => step !== 'settled').map((step) => cell('disconnect', step)) : []),
  ];
}

function cell(fault: string, step: string): Cell {
  return { fault, step, trials: 0, hits: 0, violations: 0 };
}

/** Counts runs of scenarios of one contract, cell by cell. */
export class CellCount {
  readonly #cells: Map<string, Cell>;
  readonly #expected: ReadonlySet<string>;

  constructor(scenario: Scenario) {
    this.#cells = new Map(cellsOf(scenario).map((each) => [`${each.fault}@${each.step}`, each]));
    this.#expected = new Set(this.#cells.keys());
  }

  add({ offered, fired }: Run, violated: boolean): void {
    for (const name of offered) this.#of(name).trials++;
    for (const name of fired) {
      const own = this.#of(name);
      own.hits++;
      if (violated) own.violations++;
    }
  }

  get cells(): readonly Readonly<Cell>[] {
    return [...this.#cells.values()];
  }

  /** What the contract makes possible, and never came about. */
  get missed(): readonly string[] {
    return [...this.#expected].filter((name) => this.#of(name).hits === 0);
  }

  #of(name: string): Cell {
    let own = this.#cells.get(name);
    if (own === undefined) {
      const [fault = '', step = ''] = name.split('@');
      own = cell(fault, step);
      this.#cells.set(name, own);
    }
    return own;
  }
}
