import { describe, expect, test } from 'vitest';
import { violationsOf } from '../checks.ts';
import { exploreAll } from './depth-first.ts';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { smallScenario } from './scenario-fixture.ts';

/** A run takes a millisecond, and several on a machine that is busy. */
const BUSY = { timeout: 60_000 };

/** What a run came to, whatever the order of its steps. */
function endOf({ history }: Run): string {
  const { entries, ending } = history;
  const did = entries.flatMap((entry) => (entry.kind === 'reached' || entry.kind === 'goes-on' ? [] : [`${entry.atMs} ${entry.who} ${JSON.stringify(entry)}`]));
  return JSON.stringify([ending, did.toSorted()]);
}

describe('every schedule of two workers and one message with one fault', () => {
  test.each(['local', 'outbox', 'lease', 'position'])('%s: keeps every promise', BUSY, async (name) => {
    const wrong: unknown[] = [];
    const { schedules, exhausted } = await exploreAll(smallScenario(name), (run) => {
      wrong.push(...violationsOf(run.history), ...(run.broken === undefined ? [] : [run.broken]));
      return wrong.length === 0;
    });
    expect(wrong).toEqual([]);
    expect(exhausted).toBe(true);
    expect(schedules).toBeGreaterThan(100);
  });

  test('connection: keeps every promise', BUSY, async () => {
    const wrong: unknown[] = [];
    await exploreAll(smallScenario('connection', { kinds: ['kill', 'disconnect', 'lose-request', 'duplicate'] }), (run) => {
      wrong.push(...violationsOf(run.history), ...(run.broken === undefined ? [] : [run.broken]));
      return wrong.length === 0;
    });
    expect(wrong).toEqual([]);
  });
});

test('found: partitions that are assigned while their former owner’s suspect is looked for are read', BUSY, async () => {
  const wrong: unknown[] = [];
  await exploreAll(smallScenario('position', { workers: 1, faults: 2, kinds: ['kill', 'freeze'] }), (run) => wrong.push(...violationsOf(run.history)) === 0);
  expect(wrong).toEqual([]);
});

test.each<[string, Partial<Scenario>]>([
  ['one fault', { kinds: ['kill', 'freeze', 'cut', 'lose-reply'] }],
  ['two faults', { kinds: ['kill', 'cut'], faults: 2 }],
])('what is left out as covered ends as something that was played: %s', BUSY, async (_what, changes) => {
  const ends = { reduced: new Set<string>(), whole: new Set<string>() };
  const scenario = smallScenario('local', changes);
  const reduced = await exploreAll(scenario, (run) => ends.reduced.add(endOf(run)).size > 0);
  const whole = await exploreAll(scenario, (run) => ends.whole.add(endOf(run)).size > 0, { reduced: false });
  expect(whole.schedules).toBeGreaterThan(reduced.schedules);
  expect([...ends.whole].filter((end) => !ends.reduced.has(end))).toEqual([]);
});

test('stops where it is told to', async () => {
  const { schedules, exhausted } = await exploreAll(smallScenario('local'), () => true, { mostSchedules: 5 });
  expect([schedules, exhausted]).toEqual([5, false]);
});
