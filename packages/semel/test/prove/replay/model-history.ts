import { FAMILY_NAMES } from '../../../../../scripts/prove/families.ts';
import { randomScenario } from '../../../../../scripts/prove/scenarios.ts';
import { Lifecycle } from '../../../src/core/lifecycle.ts';
import { walk } from '../../../src/prove/explorer/random-walk.ts';
import type { Scenario } from '../../../src/prove/explorer/scenario.ts';
import { manualRuntime } from '../../../src/testing/manual-runtime.ts';
import type { MemoryState } from '../../../src/testing/models/memory-state.ts';
import { memory } from '../../../src/testing/models/memory-store.ts';
import { endingOf } from './ending.ts';
import { Recorder } from './recorder.ts';
import type { StoreHistory } from './store-history.ts';

/** What a seed made of the engine on the model of a store. */
export interface ModelHistory {
  /** With which `npm run prove -- --replay` plays it again. */
  readonly name: string;
  readonly history: StoreHistory;
  readonly endMs: number;
  readonly ending: unknown;
}

/** Plays one of the prover's random runs, with all its faults, and writes down the calls of its stores. */
export async function modelHistory(seed: number): Promise<ModelHistory> {
  const family = FAMILY_NAMES[seed % FAMILY_NAMES.length] as (typeof FAMILY_NAMES)[number];
  const scenario = inTurn(randomScenario(family, seed));
  const recorder = new Recorder();
  let state: MemoryState | undefined;
  const run = await walk(scenario, seed, (store, who) => {
    state = store.state;
    return recorder.recorded(store, who);
  });
  const { history } = recorder;
  const endMs = (run.history.entries.at(-1)?.atMs ?? 0) + START_MS;
  return { name: `${family}/random-${seed}`, history, endMs, ending: await modelEnding(state as MemoryState, endMs, history) };
}

/** Where virtual time begins. */
const START_MS = Date.UTC(2026, 0, 1);

/** Works that run at once take turns as chance will have it, which one call after another cannot repeat. */
function inTurn(scenario: Scenario): Scenario {
  return scenario.group === 'concurrent' ? { ...scenario, group: { max: 3 } } : scenario;
}

async function modelEnding(state: MemoryState, endMs: number, history: StoreHistory): Promise<unknown> {
  const store = memory({ state });
  await store.open({ runtime: manualRuntime({ nowMs: endMs }), lifecycle: new Lifecycle() });
  const effects = [...state.values].flatMap(([list, elements]) => (elements as readonly unknown[]).map((element) => `${list} ${JSON.stringify(element)}`));
  return endingOf(store, effects, history);
}
