import type { Cell } from '../../../packages/semel/src/prove/explorer/cells.ts';
import { STORES, type StoreName, type StorePlace, TRANSPORTS, type TransportName, type TransportPlace } from './places.ts';
import { STEPS } from './steps.ts';

/** What is done to a real process. */
export const FAULT_NAMES = ['SIGKILL', 'SIGSTOP', 'clock-forward', 'clock-back', 'cut-store', 'cut-broker'] as const;

/** See {@link FAULT_NAMES}. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** How often a fault befell a real process at a step, and what came of it. */
export interface RealCell extends Cell {
  readonly fault: FaultName;
}

/** Every fault at every step that a store and a transport make possible. */
export function cellsOf(store: StoreName, transport: TransportName): readonly RealCell[] {
  return stepsOf(TRANSPORTS[transport]).flatMap((step) => faultsOf(STORES[store], TRANSPORTS[transport]).map((fault) => ({ fault, step, trials: 0, hits: 0, violations: 0 })));
}

/** Orders are placed in the same way whatever carries them, and are relayed where something does. */
function stepsOf({ open }: TransportPlace): readonly string[] {
  return [...(open === undefined ? STEPS.placing : STEPS.relaying), ...STEPS.handling];
}

/** A process can die, stand still or have a wrong clock anywhere; a connection can be lost where there is one. */
function faultsOf(store: StorePlace, transport: TransportPlace): readonly FaultName[] {
  const possible: Readonly<Record<FaultName, boolean>> = {
    SIGKILL: true,
    SIGSTOP: true,
    'clock-forward': true,
    'clock-back': true,
    'cut-store': store.service !== undefined,
    'cut-broker': transport.service !== undefined,
  };
  return FAULT_NAMES.filter((fault) => possible[fault]);
}
