import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { endingOf } from './ending.ts';
import { type ModelHistory, modelHistory } from './model-history.ts';
import { type Difference, replay } from './replayer.ts';
import type { Stage } from './stage.ts';
import type { StoreHistory } from './store-history.ts';

/** What histories that show anything must hold. */
const MUST_HOLD: readonly string[] = [
  ...['queue.lease', 'queue.extend', 'queue.release', 'queue.nextDueMs', 'positions.acquire', 'positions.release', 'registry.join'],
  ...['done', 'duplicate', 'buried', 'failed', 'held', 'released', 'lost', 'rejected', 'reply lost'],
];
/** How many in a hundred may end early because the store, free to choose, leased messages of other keys. */
const MAY_PART = 5;

/** Plays histories of the model on a store, one for each seed from 1 on, and expects the same answers and the same end. @param next gives an empty one */
export async function expectTheSame(histories: number, next: () => Promise<Stage>): Promise<void> {
  const seen = new Set<string>();
  let parted = 0;
  for (let seed = 1; seed <= histories; seed++) {
    const model = await modelHistory(seed);
    await using stage = await next();
    const difference = await compare(model, stage);
    if (difference === 'parted') parted++;
    else expect({ name: model.name, difference }).toEqual({ name: model.name, difference: undefined });
    for (const what of contentsOf(model.history)) seen.add(what);
  }
  expect(parted).toBeLessThanOrEqual((histories * MAY_PART) / 100);
  expect(MUST_HOLD.filter((what) => !seen.has(what))).toEqual([]);
}

/** Where the two first differ, in an answer or in what is there at the end. */
async function compare({ history, ending, endMs }: ModelHistory, stage: Stage): Promise<Difference | 'parted' | undefined> {
  const difference = await replay(history, stage);
  if (difference !== undefined) return difference;
  stage.setClock(endMs);
  const there = await endingOf(stage.store, await stage.effects.list(), history);
  return isDeepStrictEqual(there, ending) ? undefined : { call: history.length, what: 'what is there at the end', model: ending, store: there };
}

function contentsOf(history: StoreHistory): readonly string[] {
  return history.flatMap((call) => {
    if (call.kind === 'call') return [`${call.role}.${call.method}`];
    if (call.answer === undefined) return ['reply lost'];
    return 'verdicts' in call.answer ? call.answer.verdicts.map(({ kind }) => kind) : ['rejected'];
  });
}
