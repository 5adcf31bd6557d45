import { describe, expect, it } from 'vitest';
import type { Receipt } from './delivery.ts';
import { GroupPlan, Stops } from './group-plan.ts';
import type { ItemState } from './session.ts';
import type { CommitOptions, Settlement, WorkItem } from './store.ts';

const EXTERNAL: Receipt = { kind: 'external' };
const QUEUED: Receipt = { kind: 'item', item: 1, fence: 1 };
const at = (from: number, partition = 'p0'): Receipt => ({ kind: 'position', partition, from: String(from), to: String(from + 1), epoch: 1 });
const failure = { atMs: 0, attempt: 1, code: 'Error', message: 'failed' };
const retry = (park: boolean): Settlement => ({ kind: 'retry', afterMs: 10, failure, counted: true, park });
const dead = (holdKey: boolean): Settlement => ({ kind: 'dead', reason: 'Error', failure, holdKey });

interface Given {
  readonly key?: string;
  readonly receipt?: Receipt;
  readonly fingerprint?: string;
  readonly source?: string;
}

function itemOf(id: string, { key, receipt = EXTERNAL, fingerprint = 'f', source = 'shop/orders' }: Given = {}): WorkItem {
  const message = { topic: 'orders', source, id, type: 'orders', time: '2026-01-01T00:00:00Z', data: null, headers: {}, ...(key === undefined ? {} : { key }) };
  return { delivery: { topic: 'orders', content: { message }, receipt, attempt: 1 }, receipt, message, claim: { fingerprint } };
}

function planOf(items: readonly WorkItem[], options: Partial<CommitOptions> = {}, states: readonly ItemState[] = [], before?: Stops): GroupPlan {
  const plan = new GroupPlan(items, { onFailure: () => retry(false), ...options }, before);
  plan.learn(items.map((_, index) => states[index] ?? { kind: 'fresh' }));
  return plan;
}

const fail = (plan: GroupPlan, item: WorkItem): void => plan.finish(item, { ok: false, error: new Error('failed') });
const kinds = (plan: GroupPlan): readonly string[] => plan.verdicts().map((verdict) => verdict.kind);

describe('what the records say', () => {
  it('runs what is fresh, and records it under its claim', () => {
    const a = itemOf('a');
    const { claim: _, ...b } = itemOf('b');
    const plan = planOf([a, b]);
    expect(plan.fresh([a, b])).toEqual([a, b]);
    plan.finish(a, { ok: true, result: 7 });
    plan.finish(b, { ok: true });
    expect(plan.entries()).toEqual([
      { item: a, kind: 'done', recorded: true, result: 7 },
      { item: b, kind: 'done', recorded: false },
    ]);
    expect(plan.verdicts()).toEqual([{ kind: 'done', result: 7 }, { kind: 'done' }]);
  });

  it('acknowledges without running what was done or buried', () => {
    const items = [itemOf('a'), itemOf('b'), itemOf('c')];
    const plan = planOf(items, {}, [
      { kind: 'done', fingerprint: 'f', result: 1 },
      { kind: 'done', fingerprint: 'f' },
      { kind: 'dead', fingerprint: 'f' },
    ]);
    expect(plan.fresh(items)).toEqual([]);
    expect(plan.verdicts()).toEqual([{ kind: 'duplicate', result: 1 }, { kind: 'duplicate' }, { kind: 'buried' }]);
    expect(plan.entries()).toEqual(items.map((item) => ({ item, kind: 'done', recorded: false })));
  });

  it('writes nothing about what is lost or moved', () => {
    const items = [itemOf('a', { receipt: QUEUED }), itemOf('b', { receipt: at(1) })];
    const plan = planOf(items, {}, [{ kind: 'lost' }, { kind: 'moved', position: '9' }]);
    expect(plan.fresh(items)).toEqual([]);
    expect(plan.entries()).toEqual([]);
    expect(plan.verdicts()).toEqual([{ kind: 'lost' }, { kind: 'moved', position: '9' }]);
  });

  it('trap 4: runs nothing of a key behind what is another’s by now, who may be at it still', () => {
    const items = [itemOf('a', { key: 'k', receipt: QUEUED }), itemOf('b', { key: 'k' }), itemOf('c', { key: 'other' })];
    const plan = planOf(items, { ordered: true }, [{ kind: 'lost' }]);
    expect(plan.fresh(items)).toEqual([items[2]]);
    expect(kinds(plan).slice(0, 2)).toEqual(['lost', 'held']);
  });

  it('trap 15: refuses an identity that was handled with another payload, with both fingerprints', () => {
    const a = itemOf('a', { fingerprint: 'new' });
    const errors: unknown[] = [];
    const onFailure: CommitOptions['onFailure'] = (_, error) => {
      errors.push(error);
      return dead(false);
    };
    const plan = planOf([a], { onFailure }, [{ kind: 'done', fingerprint: 'old' }]);
    expect(plan.fresh([a])).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ code: 'identity-conflict', details: { source: 'shop/orders', id: 'a', recorded: 'old', received: 'new' } })]);
    expect(plan.entries()).toEqual([{ item: a, kind: 'settlement', settlement: dead(false) }]);
  });

  it('takes an unknown fingerprint for the same payload', () => {
    const items = [itemOf('a', { fingerprint: '' }), itemOf('b')];
    const plan = planOf(items, {}, [
      { kind: 'done', fingerprint: 'old' },
      { kind: 'dead', fingerprint: '' },
    ]);
    expect(kinds(plan)).toEqual(['duplicate', 'buried']);
  });

  it('does not let a conflict hold what stands before it in its key', () => {
    const [a, b] = [itemOf('a', { key: 'k' }), itemOf('b', { key: 'k', fingerprint: 'new' })] as const;
    const plan = planOf([a, b], { ordered: true, onFailure: () => dead(true) }, [{ kind: 'fresh' }, { kind: 'done', fingerprint: 'old' }]);
    expect(plan.fresh([a])).toEqual([a]);
    plan.finish(a, { ok: true });
    expect(plan.fresh([b])).toEqual([]);
    expect(kinds(plan)).toEqual(['done', 'failed']);
  });

  it('gives back an item of which nothing was said', () => {
    expect(kinds(planOf([itemOf('a')]))).toEqual(['released']);
  });
});

describe('trap 55: one identity twice in a group', () => {
  const pair = (fingerprint = 'f') => [itemOf('a'), itemOf('a', { fingerprint })] as const;

  it('runs the first alone, and the second shares its result', () => {
    const [first, second] = pair();
    const plan = planOf([first, second]);
    expect(plan.fresh([first])).toEqual([first]);
    expect(plan.fresh([second])).toEqual([]);
    plan.finish(first, { ok: true, result: 3 });
    plan.entries();
    expect(plan.verdicts()).toEqual([
      { kind: 'done', result: 3 },
      { kind: 'duplicate', result: 3 },
    ]);
  });

  it.each<[string, Settlement | undefined, string]>([
    ['died', dead(false), 'duplicate'],
    ['is parked', retry(true), 'duplicate'],
    ['will come again', retry(false), 'held'],
    ['was not to blame', undefined, 'held'],
  ])('where the first %s', (_, settlement, kind) => {
    const [first, second] = pair();
    const plan = planOf([first, second], { onFailure: () => settlement });
    plan.fresh([first, second]);
    fail(plan, first);
    const entries = plan.entries();
    expect(kinds(plan)[1]).toBe(kind);
    expect(entries.some((entry) => entry.item === second)).toBe(kind === 'duplicate');
  });

  it('shares that it is parked behind its key', () => {
    const [first, second] = [itemOf('a', { key: 'k' }), itemOf('a', { key: 'k' })] as const;
    const before = new Stops(true);
    before.add(itemOf('z', { key: 'k' }), true);
    const plan = planOf([first, second], { ordered: true }, [], before);
    expect(plan.fresh([first, second])).toEqual([]);
    expect(plan.entries()).toEqual([
      { item: first, kind: 'park' },
      { item: second, kind: 'done', recorded: false },
    ]);
    expect(plan.verdicts()).toEqual([{ kind: 'held', parked: true }, { kind: 'duplicate' }]);
  });

  it('trap 4: what follows one that is back at its transport is not parked before it, although an earlier one of its key is parked', () => {
    const stops = new Stops(true);
    stops.add(itemOf('a', { key: 'k' }), true);
    stops.add(itemOf('b', { key: 'k' }), false);
    expect(stops.holding(itemOf('c', { key: 'k' }))).toBe(false);
    stops.add(itemOf('c', { key: 'k' }), true);
    expect(stops.holding(itemOf('d', { key: 'k' }))).toBe(false);
  });

  it('trap 4: nor is it where the records say that it is behind one that is parked', () => {
    const stops = new Stops(true);
    stops.add(itemOf('a', { key: 'k' }), true);
    stops.add(itemOf('b', { key: 'k' }), false);
    const plan = planOf([itemOf('c', { key: 'k' })], { ordered: true }, [{ kind: 'waiting' }], stops);
    expect(plan.verdicts()).toEqual([{ kind: 'held', parked: false }]);
    expect(plan.entries()).toEqual([]);
  });

  it('trap 15: fails the second where it carries another payload', () => {
    const [first, second] = pair('other');
    const plan = planOf([first, second], { onFailure: () => dead(false) });
    plan.finish(first, { ok: true });
    expect(plan.entries()).toContainEqual({ item: second, kind: 'settlement', settlement: dead(false) });
    expect(plan.verdicts()[1]).toMatchObject({ kind: 'failed', error: { code: 'identity-conflict' } });
  });

  it('trap 54: one id of two sources is two messages', () => {
    const items = [itemOf('a', { source: 'shop/orders' }), itemOf('a', { source: 'shop/receipts' })];
    expect(planOf(items).fresh(items)).toEqual(items);
  });

  it('runs both where no record is kept, or where they could not be decoded', () => {
    const { claim: _, ...unclaimed } = itemOf('a');
    const { message: __, ...undecoded } = itemOf('a');
    const items = [unclaimed, { ...unclaimed }, undecoded, { ...undecoded }];
    expect(planOf(items).fresh(items)).toEqual(items);
  });
});

describe('after a failure', () => {
  const run = (items: readonly WorkItem[], options: Partial<CommitOptions>): { readonly plan: GroupPlan; readonly ran: readonly string[] } => {
    const plan = planOf(items, options);
    const ran: string[] = [];
    for (const [index, item] of items.entries()) {
      for (const fresh of plan.fresh([item])) {
        ran.push(fresh.message?.id ?? '');
        plan.finish(fresh, index === 0 ? { ok: false, error: new Error('failed') } : { ok: true });
      }
    }
    return { plan, ran };
  };
  const keyed = (receipt: Receipt = EXTERNAL) => [
    itemOf('a', { key: 'k', receipt }),
    itemOf('b', { key: 'other', receipt }),
    itemOf('c', { key: 'k', receipt }),
    itemOf('d', { receipt }),
  ];

  it('runs the others of its key where order does not matter', () => {
    expect(run(keyed(), {}).ran).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each<[string, Settlement | undefined, Receipt, string]>([
    ['retried at its transport', retry(false), EXTERNAL, 'held'],
    ['retried in its queue', retry(false), QUEUED, 'held'],
    ['parked', retry(true), EXTERNAL, 'park'],
    ['dead, holding its key', dead(true), EXTERNAL, 'park'],
    ['dead in its queue, holding its key', dead(true), QUEUED, 'held'],
    ['not to blame', undefined, EXTERNAL, 'held'],
  ])('holds the later items of its key where it is %s', (_, settlement, receipt, end) => {
    const { plan, ran } = run(keyed(receipt), { ordered: true, onFailure: () => settlement });
    expect(ran).toEqual(['a', 'b', 'd']);
    expect(plan.verdicts()[2]).toEqual({ kind: 'held', parked: end === 'park' });
    expect(plan.entries().filter(({ item }) => item.message?.id === 'c')).toEqual(end === 'park' ? [{ item: plan.items[2], kind: 'park' }] : []);
  });

  it('goes on with the key of what is dead and does not hold it', () => {
    expect(run(keyed(), { ordered: true, onFailure: () => dead(false) }).ran).toEqual(['a', 'b', 'c', 'd']);
  });

  it('trap 28: runs nothing more of its partition unless it is parked', () => {
    const log = [itemOf('a', { receipt: at(1) }), itemOf('b', { receipt: at(2) }), itemOf('c', { receipt: at(1, 'p1') })];
    expect(run(log, {}).ran).toEqual(['a', 'c']);
    expect(run(log, { onFailure: () => undefined }).ran).toEqual(['a', 'c']);
    expect(run(log, { onFailure: () => retry(true) }).ran).toEqual(['a', 'b', 'c']);
    expect(run(log, { onFailure: () => dead(false) }).ran).toEqual(['a', 'b', 'c']);
  });

  it('keeps what stood parked before the group', () => {
    const items = [itemOf('a', { key: 'k' }), itemOf('b', { key: 'k' }), itemOf('c', { key: 'k', receipt: QUEUED })];
    const plan = planOf(items, { ordered: true }, [{ kind: 'waiting' }]);
    expect(plan.fresh(items)).toEqual([]);
    expect(plan.verdicts()).toEqual([
      { kind: 'held', parked: true },
      { kind: 'held', parked: true },
      { kind: 'held', parked: false },
    ]);
  });
});

describe('what is given back', () => {
  it('stays undecided in the store, and what follows in its key waits', () => {
    const items = [itemOf('a', { key: 'k' }), itemOf('b', { key: 'k' }), itemOf('c')] as const;
    const plan = planOf(items, { ordered: true });
    plan.release([items[0]]);
    expect(plan.fresh([items[1], items[2]])).toEqual([items[2]]);
    plan.finish(items[2], { ok: true });
    expect(plan.entries()).toEqual([{ item: items[2], kind: 'done', recorded: true }]);
    expect(plan.verdicts()).toEqual([{ kind: 'released' }, { kind: 'held', parked: false }, { kind: 'done' }]);
  });

  it('does not take back what was decided', () => {
    const a = itemOf('a');
    const plan = planOf([a], {}, [{ kind: 'done', fingerprint: 'f' }]);
    plan.release([a]);
    expect(kinds(plan)).toEqual(['duplicate']);
  });

  it('tells the error of what was not to blame', () => {
    const a = itemOf('a');
    const plan = planOf([a], { onFailure: () => undefined });
    const error = new Error('down');
    plan.finish(a, { ok: false, error });
    expect(plan.verdicts()).toEqual([{ kind: 'released', error }]);
  });
});
