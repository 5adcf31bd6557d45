import type { Ending, Entry, Happening, History, PlannedMessage } from './history.ts';

/** The promises, by their numbers. I8 and I9 are about many runs, not one. */
export const CHECKS = {
  I1: 'each accepted message has exactly one effect and one matching record',
  I2: 'no effect of what was undone or never committed, no failure that did not happen',
  I3: 'every committed outbox row reaches a deduplicating sink once, rolled-back ones never',
  I4: 'the order of each key is kept',
  I5: 'everything comes to its end within bounds',
  I6: 'no acknowledgement before the durable commit',
  I7: 'no write under a stale fence',
} as const;

/** The name of a promise. */
export type CheckName = keyof typeof CHECKS;

/** A promise that was broken, and how. */
export interface Violation {
  readonly check: CheckName;
  readonly what: string;
}

/** Holds one run against every promise. Pure: the same history gives the same answer. */
export function violationsOf(history: History): readonly Violation[] {
  const { ending } = history;
  if (!ending.finished) return [...unfinished(ending), ...alongTheWay(history)];
  return [...effects(history), ...phantoms(history), ...outbox(history), ...keyOrder(history), ...alongTheWay(history)];
}

/** What must hold at every moment, finished or not. */
function alongTheWay({ entries, guarantee }: History): readonly Violation[] {
  const early = of(entries, 'acknowledged').filter(({ kept }) => !kept);
  const stale = of(entries, 'committed').filter((entry) => entry.stale);
  return [
    ...early.map(({ id, who }): Violation => ({ check: 'I6', what: `${who} acknowledged ${id} before the store had what became of it` })),
    ...stale.map(({ id, who }): Violation => ({ check: 'I7', what: `${who} wrote about ${id} although that was another’s by then` })),
    ...failures(entries, guarantee),
  ];
}

function unfinished({ accepted, effects: made, deadLetters }: Ending): readonly Violation[] {
  const done = new Set([...made.map(({ id }) => id), ...deadLetters]);
  const open = accepted.filter(({ id }) => !done.has(id)).map(({ id }) => id);
  return [{ check: 'I5', what: open.length > 0 ? `no end came for ${open.join(', ')}` : 'everything had its effect, and yet there was no end' }];
}

function effects({ guarantee, consumes, ending }: History): readonly Violation[] {
  if (!consumes) return [];
  return ending.accepted.flatMap((message) => {
    const times = ending.effects.filter(({ id }) => id === message.id).length;
    const dead = ending.deadLetters.filter((id) => id === message.id).length;
    const wrong = message.nature === 'sound' ? wrongOfSound(guarantee, times, dead) : wrongOfPoison(guarantee, times, dead);
    return [...(wrong === undefined ? [] : [{ check: 'I1', what: `${message.id} ${wrong}` } as const]), ...records(guarantee, ending, message)];
  });
}

function wrongOfSound(guarantee: History['guarantee'], times: number, dead: number): string | undefined {
  if (times > 1 && guarantee !== 'at-least-once') return `had ${times} effects`;
  if (guarantee === 'at-most-once') return undefined;
  if (times === 0) return dead > 0 ? 'was buried although nothing is wrong with it' : 'had no effect';
  return dead > 0 && guarantee === 'exactly-once' ? 'had an effect and is a dead letter' : undefined;
}

function wrongOfPoison(guarantee: History['guarantee'], times: number, dead: number): string | undefined {
  if (times > 0) return 'had an effect although its handler never came to its end';
  return dead === 0 && guarantee !== 'at-most-once' ? 'is no dead letter although it cannot be handled' : undefined;
}

function records(guarantee: History['guarantee'], { records: all }: Ending, { id, nature }: PlannedMessage): readonly Violation[] {
  if (guarantee !== 'exactly-once') return [];
  const own = all.filter((record) => record.id === id);
  const [record] = own;
  if (own.length !== 1 || record === undefined) return [{ check: 'I1', what: `${id} has ${own.length} records` }];
  if (!record.matches) return [{ check: 'I1', what: `the record of ${id} has another payload's fingerprint` }];
  const state = nature === 'sound' ? 'done' : 'dead';
  return record.state === state ? [] : [{ check: 'I1', what: `the record of ${id} says ${record.state}, not ${state}` }];
}

function phantoms({ entries, ending }: History): readonly Violation[] {
  const accepted = new Set(ending.accepted.map(({ id }) => id));
  const undone = new Set(of(entries, 'threw').map(({ run }) => run));
  const found = ending.effects.flatMap(({ id, run }) => {
    if (!accepted.has(id)) return [`${id} had an effect, and was never accepted`];
    return undone.has(run) ? [`an effect of ${id} was kept although its handler threw (${run})`] : [];
  });
  return [...found, ...told(entries, ending)].map((what) => ({ check: 'I2', what }));
}

/** What a producer was told of its transaction is so; and it wrote both, or neither. */
function told(entries: readonly Entry[], { placed }: Ending): readonly string[] {
  if (placed === undefined) return [];
  const twice = placed.filter((id, index) => placed.indexOf(id) !== index).map((id) => `${id} was placed twice`);
  const wrong = of(entries, 'told').filter(({ id, fate }) => fate !== 'unknown' && placed.includes(id) !== (fate === 'committed'));
  return [...twice, ...wrong.map(({ id, fate }) => `the producer was told that ${id} was ${fate}, which is not so`)];
}

/** A message is said to have failed only where its own handler threw, or ran out of time, or its process ended. Of one try, whatever ends it is the end. */
function failures(entries: readonly Entry[], guarantee: History['guarantee']): readonly Violation[] {
  if (guarantee === 'at-most-once') return [];
  const threw = new Set(of(entries, 'threw').map(({ id }) => id));
  return of(entries, 'notice').flatMap(({ type, ids, code = '', culprit, who }): readonly Violation[] => {
    const [id = ''] = ids;
    if (type !== 'failed' || who === 'setup' || ids.length === 0) return [];
    const own = culprit === undefined ? EXPECTED.has(code) : culprit === id && threw.has(id) && code !== 'Pause';
    return own ? [] : [{ check: 'I2', what: `${id} was charged with a failure that is not its own (${culprit === undefined ? code : `that of ${culprit}`})` }];
  });
}

const EXPECTED: ReadonlySet<string> = new Set(['crashed', 'handler-timeout']);

function outbox({ guarantee, consumes, ending }: History): readonly Violation[] {
  const { outbox: rows, arrivals } = ending;
  if (guarantee !== 'exactly-once') return [];
  const expected = new Set((consumes ? ending.effects : ending.accepted).map(({ id }) => id));
  const staged = [...difference(expected, rows, 'was not published')].concat(difference(rows, expected, 'was published by what was undone'));
  const twice = rows.filter((id, index) => rows.indexOf(id) !== index).map((id) => `the message of ${id} was published twice`);
  const arrived = arrivals === undefined ? [] : [...difference(expected, arrivals, 'never arrived'), ...difference(arrivals, expected, 'arrived although it was undone')];
  return [...staged, ...twice, ...arrived].map((what) => ({ check: 'I3', what }));
}

function difference(these: Iterable<string>, those: Iterable<string>, what: string): string[] {
  const known = new Set(those);
  return [...new Set(these)].filter((id) => !known.has(id)).map((id) => `the message of ${id} ${what}`);
}

function keyOrder({ ordered, guarantee, consumes, ending }: History): readonly Violation[] {
  const { accepted, effects: made, arrivals = [] } = ending;
  const first = (ids: readonly string[]) => [...new Set(ids)];
  const effectsOf = ordered && guarantee === 'exactly-once' ? first(made.map(({ id }) => id)) : [];
  const sent = ordered || !consumes ? first(arrivals) : [];
  return [...misplaced(accepted, effectsOf, 'took effect'), ...misplaced(accepted, sent, 'arrived')].map((what) => ({ check: 'I4', what }));
}

/** Where of two of a key the later comes first. */
function misplaced(accepted: readonly PlannedMessage[], ids: readonly string[], what: string): readonly string[] {
  const place = new Map(accepted.map((message, index) => [message.id, { index, key: message.key }]));
  const last = new Map<string, { readonly index: number; readonly id: string }>();
  return ids.flatMap((id) => {
    const own = place.get(id);
    if (own === undefined) return [];
    const before = last.get(own.key);
    if (before !== undefined && before.index > own.index) return [`${id} ${what} after ${before.id}, although it comes before it in its key`];
    last.set(own.key, { index: own.index, id });
    return [];
  });
}

function of<Kind extends Happening['kind']>(entries: readonly Entry[], kind: Kind): readonly Extract<Entry, { readonly kind: Kind }>[] {
  return entries.filter((entry): entry is Extract<Entry, { readonly kind: Kind }> => entry.kind === kind);
}
