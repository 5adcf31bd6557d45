import { cellsOf, type FaultName, type RealCell } from './cells.ts';
import { Crew } from './crew.ts';
import type { StoreName, TransportName } from './places.ts';
import { setScene } from './scene.ts';

/** What came of the cells of one store and one transport. */
export interface RealReport {
  readonly store: StoreName;
  readonly transport: TransportName;
  readonly cells: readonly RealCell[];
  readonly failures: readonly RealFailure[];
  readonly seconds: number;
}

/** A promise that was broken, or a process that did not get over what befell it. */
export interface RealFailure {
  readonly fault: FaultName;
  readonly step: string;
  readonly what: readonly string[];
}

/** What is to be tried. */
export interface Campaign {
  /** How often each cell is to be hit. */
  readonly kills: number;
  /** The cells that are meant, as `SIGKILL@committing`, or parts of that; all of them where absent. */
  readonly only?: string;
  /** Of the services, by name. */
  readonly urls: ReadonlyMap<string, string>;
}

/** Has everything befall real processes that a store and a transport make possible. It ends with the first failure: what is wrong in the tables stays there. */
export async function realCells(store: StoreName, transport: TransportName, { kills, only = '', urls }: Campaign): Promise<RealReport> {
  const startedMs = performance.now();
  const cells = cellsOf(store, transport).filter(({ fault, step }) => `${fault}@${step}`.includes(only));
  const failures: RealFailure[] = [];
  await using scene = await setScene(store, transport, urls);
  await using crew = await Crew.gather(scene);
  for (let round = 0; round < kills && failures.length === 0; round++) {
    for (const cell of cells) {
      const { hit, wrong } = await crew.try(cell.fault, cell.step);
      cell.trials++;
      if (hit) cell.hits++;
      if (wrong.length === 0) continue;
      cell.violations++;
      failures.push({ fault: cell.fault, step: cell.step, what: wrong });
      break;
    }
  }
  return { store, transport, cells, failures, seconds: Math.round((performance.now() - startedMs) / 100) / 10 };
}
