import { expect, test } from 'vitest';
import { deviationsOf, following } from './follow.ts';
import { walk } from './random-walk.ts';
import { play, type Run } from './run.ts';
import { smallScenario } from './scenario-fixture.ts';
import { shrink } from './shrink.ts';
import { storyOf } from './story.ts';

const messages = ['m1', 'm2', 'm3', 'm4'].map((id) => ({ id, key: id, nature: 'sound' as const }));
const diesAfterCommit = ({ history }: Run) => history.entries.some((entry) => entry.kind === 'fault' && entry.fault === 'kill' && entry.at === 'committed');

async function firstThat(fails: (run: Run) => boolean): Promise<Run> {
  for (let seed = 1; ; seed++) {
    const run = await walk(smallScenario('lease', { workers: 3, messages, faults: 6, loops: 'free', seed }));
    if (fails(run)) return run;
  }
}

test('finds the shortest schedule that still fails, which can be played again and told', { timeout: 60_000 }, async () => {
  const shrunk = await shrink(await firstThat(diesAfterCommit), diesAfterCommit);
  const faults = shrunk.run.history.entries.filter(({ kind }) => kind === 'fault');
  expect([shrunk.scenario.workers, shrunk.scenario.messages.length, faults.length]).toEqual([1, 1, 1]);
  const again = await play(shrunk.scenario, following(shrunk.choices));
  expect(again.history).toEqual(shrunk.run.history);
  expect(deviationsOf(again.choices)).toEqual(shrunk.choices);
  expect(storyOf(again.history.entries).join('\n')).toMatch(/a +is at committed with m\d\n.*\*\* dies \(at committed\) \*\*\n.*a2 +is started in its place/);
});
