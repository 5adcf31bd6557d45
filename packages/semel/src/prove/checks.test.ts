import { describe, expect, test } from 'vitest';
import { violationsOf } from './checks.ts';
import type { Ending, Happening, History } from './history.ts';

const m1 = { id: 'm1', key: 'k', nature: 'sound' } as const;
const m2 = { id: 'm2', key: 'k', nature: 'sound' } as const;
const whole: Ending = {
  finished: true,
  accepted: [m1, m2],
  effects: [
    { id: 'm1', key: 'k', run: 'run 1' },
    { id: 'm2', key: 'k', run: 'run 2' },
  ],
  records: [
    { id: 'm1', state: 'done', matches: true },
    { id: 'm2', state: 'done', matches: true },
  ],
  deadLetters: [],
  outbox: ['m1', 'm2'],
  arrivals: ['m1', 'm1', 'm2'],
};

function found(changes: Partial<Ending>, happenings: readonly Happening[] = [], more: Partial<History> = {}): readonly string[] {
  const entries = happenings.map((happening) => ({ atMs: 0, who: 'a', ...happening }));
  const history: History = { guarantee: 'exactly-once', consumes: true, ordered: true, entries, ending: { ...whole, ...changes }, ...more };
  return violationsOf(history).map(({ check, what }) => `${check} ${what}`);
}

test('nothing is wrong where everything is once and in order', () => {
  expect(found({})).toEqual([]);
});

describe('I1', () => {
  test('two effects, none, and a burial of what is sound', () => {
    const [first, second] = whole.effects;
    expect(found({ effects: [first, first, second] as never })).toContain('I1 m1 had 2 effects');
    expect(found({ effects: [second] as never })).toContain('I1 m1 had no effect');
    expect(found({ effects: [second] as never, deadLetters: ['m1'] })).toContain('I1 m1 was buried although nothing is wrong with it');
  });

  test('a record that is missing, doubled, of another payload, or says something else', () => {
    const [, second] = whole.records;
    expect(found({ records: [second] as never })).toEqual(['I1 m1 has 0 records']);
    expect(found({ records: [{ id: 'm1', state: 'done', matches: false }, second] as never })).toEqual(["I1 the record of m1 has another payload's fingerprint"]);
    expect(found({ records: [{ id: 'm1', state: 'dead', matches: true }, second] as never })).toEqual(['I1 the record of m1 says dead, not done']);
  });

  test('poison has no effect, and dies', () => {
    const poison = { ...m1, nature: 'poison' } as const;
    expect(found({ accepted: [poison, m2] })).toContain('I1 m1 had an effect although its handler never came to its end');
    const [, second] = whole.effects;
    expect(found({ accepted: [poison, m2], effects: [second] as never })).toContain('I1 m1 is no dead letter although it cannot be handled');
  });

  test('of the other guarantees only what they say', () => {
    const [first, second] = whole.effects;
    const records: Ending['records'] = [];
    expect(found({ effects: [first, first, second] as never, records }, [], { guarantee: 'at-least-once' })).toEqual([]);
    expect(found({ effects: [second] as never, records }, [], { guarantee: 'at-most-once' })).toEqual([]);
    expect(found({ effects: [second] as never, records }, [], { guarantee: 'at-least-once' })).toEqual(['I1 m1 had no effect']);
    expect(found({ effects: [first, first, second] as never, records }, [], { guarantee: 'at-most-once' })).toEqual(['I1 m1 had 2 effects']);
  });
});

describe('I2', () => {
  test('an effect of what was never accepted, or of a run that threw', () => {
    const ghost = { id: 'ghost', key: 'g', run: 'run 3' };
    expect(found({ effects: [...whole.effects, ghost], outbox: ['m1', 'm2', 'ghost'], arrivals: ['m1', 'm2', 'ghost'] })).toEqual([
      'I2 ghost had an effect, and was never accepted',
    ]);
    expect(found({}, [{ kind: 'threw', id: 'm1', run: 'run 1' }])).toEqual(['I2 an effect of m1 was kept although its handler threw (run 1)']);
  });

  test('a failure of another', () => {
    const failed = { kind: 'notice', type: 'failed', ids: ['m2'], code: 'HandlerError', culprit: 'm1' } as const;
    expect(found({}, [failed])).toEqual(['I2 m2 was charged with a failure that is not its own (that of m1)']);
  });

  test('a producer that was told something else than what is', () => {
    expect(found({ placed: ['m1', 'm2'] }, [{ kind: 'told', id: 'm1', fate: 'undone' }])).toEqual(['I2 the producer was told that m1 was undone, which is not so']);
    expect(found({ placed: ['m1', 'm1', 'm2'] })).toEqual(['I2 m1 was placed twice']);
  });
});

test('I3: rows that were not published, published twice, published by what was undone, or did not arrive', () => {
  expect(found({ outbox: ['m2'], arrivals: ['m2'] })).toEqual(['I3 the message of m1 was not published', 'I3 the message of m1 never arrived']);
  expect(found({ outbox: ['m1', 'm1', 'm2'] })).toEqual(['I3 the message of m1 was published twice']);
  expect(found({ arrivals: ['m1', 'm2', 'm3'] })).toEqual(['I3 the message of m3 arrived although it was undone']);
});

test('I4: effects, and first arrivals, in the order of their key', () => {
  expect(found({ effects: whole.effects.toReversed() })).toEqual(['I4 m1 took effect after m2, although it comes before it in its key']);
  expect(found({ arrivals: ['m2', 'm1'] })).toEqual(['I4 m1 arrived after m2, although it comes before it in its key']);
  expect(found({ effects: whole.effects.toReversed() }, [], { ordered: false })).toEqual([]);
});

test('I5: what has no end', () => {
  expect(found({ finished: false, effects: [] })).toEqual(['I5 no end came for m1, m2']);
  expect(found({ finished: false })).toEqual(['I5 everything had its effect, and yet there was no end']);
});

test('I6: an acknowledgement of what the store does not have', () => {
  expect(found({}, [{ kind: 'acknowledged', id: 'm1', kept: false }])).toEqual(['I6 a acknowledged m1 before the store had what became of it']);
});

test('I7: a write about what is another’s', () => {
  expect(found({}, [{ kind: 'committed', id: 'm1', stale: true }])).toEqual(['I7 a wrote about m1 although that was another’s by then']);
});
