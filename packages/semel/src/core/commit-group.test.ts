import { describe, expect, it } from 'vitest';
import { commitGroup } from './commit-group.ts';
import { bench, businessWork, itemOf, kinds, RETRY, sealed, type Tx, throws, trouble } from './commit-group-fixture.ts';
import { systemRuntime } from './runtime.ts';
import type { CommitOptions, ItemResult, Scope, Work, WorkItem } from './store.ts';

describe('a group in which nothing fails', () => {
  it('is one transaction, without savepoints, its messages staged as a set', async () => {
    const { session, work, commit } = bench();
    const stage = (id: string) => (scope: Scope<Tx>) => scope.stage(sealed(`m-${id}`));
    expect(kinds(await commit([work('a', stage('a')), work('b', stage('b')), work('c')]))).toEqual(['done', 'done', 'done']);
    expect(session.calls).toEqual(['begin', 'commit']);
    expect(session.rows).toEqual(['a', 'b', 'c', 'm-a', 'm-b']);
  });

  it('runs nothing of what was handled before', async () => {
    const { session, work, commit, ran } = bench();
    session.records.add('a');
    expect(kinds(await commit([work('a'), work('b')]))).toEqual(['duplicate', 'done']);
    expect(kinds(await commit([work('a'), work('b')]))).toEqual(['duplicate', 'duplicate']);
    expect(ran).toEqual(['b']);
  });

  it('trap 55: makes the effect of one identity once, whoever carries it twice', async () => {
    const { session, work, commit } = bench();
    expect(kinds(await commit([work('a'), work('b'), work('a')]))).toEqual(['done', 'done', 'duplicate']);
    expect(session.rows).toEqual(['a', 'b']);
  });

  it('trap 48: revokes a scope when its own handler settles', async () => {
    const { work, commit } = bench();
    let late: Scope<Tx> | undefined;
    const keep = (scope: Scope<Tx>) => {
      late = scope;
    };
    const use = () => expect(() => late?.tx.push('late')).toThrow(expect.objectContaining({ code: 'transaction-over' }));
    expect(kinds(await commit([work('a', keep), work('b', use)]))).toEqual(['done', 'done']);
  });

  it('tells every boundary to who listens', async () => {
    const { lifecycle, work, commit } = bench();
    const events: string[] = [];
    lifecycle.observe(({ type, consumer, messages }) => void events.push(`${type} ${consumer} ${messages?.length}`));
    await commit([work('a'), work('b')]);
    expect(events).toEqual(['begun c 2', 'claimed c 2', 'staged c 2', 'committing c 2', 'committed c 2']);
  });
});

describe('a failing work', () => {
  it('is undone alone: the others commit, and each handler runs at most twice, the culprit once', async () => {
    const { session, work, commit, ran } = bench();
    const error = new Error('failed');
    const verdicts = await commit([work('a'), work('b', throws(error)), work('c')]);
    expect(verdicts).toEqual([{ kind: 'done' }, { kind: 'failed', settlement: RETRY, error }, { kind: 'done' }]);
    expect(session.rows).toEqual(['a', 'c']);
    expect(ran).toEqual(['a', 'b', 'a', 'c']);
    expect(session.calls).toEqual(['begin', 'rollback', 'begin', 'savepoint', 'release', 'savepoint', 'release', 'commit']);
    expect(session.settled[0]?.map(({ item, kind }) => [item.message?.id, kind])).toEqual([
      ['a', 'done'],
      ['b', 'settlement'],
      ['c', 'done'],
    ]);
  });

  it('has company: each further one is undone to its savepoint, with what it staged', async () => {
    const { session, work, commit, ran } = bench();
    const failing = async (scope: Scope<Tx>) => {
      await scope.stage(sealed('staged'));
      throw new Error('failed');
    };
    expect(kinds(await commit(['a', 'b', 'c', 'd', 'e'].map((id) => work(id, 'bd'.includes(id) ? failing : undefined))))).toEqual(['done', 'failed', 'done', 'failed', 'done']);
    expect(session.rows).toEqual(['a', 'c', 'e']);
    expect(ran.filter((id) => id === 'b')).toHaveLength(1);
    expect(ran.filter((id) => id === 'd')).toHaveLength(1);
    for (const id of 'ace') expect(ran.filter((other) => other === id).length).toBeLessThanOrEqual(2);
  });

  it('holds the later items of its key, and no others', async () => {
    const { session, work, commit, ran } = bench();
    const verdicts = await commit([work('a', throws(new Error('failed')), 'k'), work('b', undefined, 'k'), work('c', undefined, 'other')], { ordered: true });
    expect(kinds(verdicts)).toEqual(['failed', 'held', 'done']);
    expect(session.rows).toEqual(['c']);
    expect(ran).not.toContain('b');
  });

  it('is given back where no message is to blame', async () => {
    const { session, work, commit } = bench();
    const error = new Error('paused');
    expect(await commit([work('a'), work('b', throws(error))], { onFailure: () => undefined })).toEqual([{ kind: 'done' }, { kind: 'released', error }]);
    expect(session.rows).toEqual(['a']);
  });

  it('is found where what it staged is refused with the set', async () => {
    const { session, work, commit } = bench();
    session.onFlush = (staged) => {
      if (staged.includes('bad')) throw trouble('identity-conflict');
    };
    const stage = (json: string) => (scope: Scope<Tx>) => scope.stage(sealed(json));
    expect(kinds(await commit([work('a', stage('good')), work('b', stage('bad')), work('c')]))).toEqual(['done', 'failed', 'done']);
    expect(session.rows).toEqual(['a', 'good', 'c']);
  });
});

describe('a set work', () => {
  const setOf = (items: readonly WorkItem[], results: (fresh: readonly WorkItem[]) => readonly ItemResult[]): Work<Tx> => ({
    items,
    run: async (scope, fresh) => {
      for (const item of fresh) scope.tx.push(item.message?.id ?? '');
      return results(fresh);
    },
  });

  it('gets what is fresh, and fails by the item', async () => {
    const { session, commit } = bench();
    session.records.add('a');
    const items = ['a', 'b', 'c'].map((id) => itemOf(id));
    const set = setOf(items, (fresh) => fresh.map((item) => (item.message?.id === 'c' ? { ok: false, error: new Error('c') } : { ok: true, result: 1 })));
    expect(await commit([set])).toMatchObject([{ kind: 'duplicate' }, { kind: 'done', result: 1 }, { kind: 'failed', settlement: RETRY }]);
    expect(session.rows).toEqual(['b', 'c']);
  });

  it('is never called when nothing is fresh, and succeeds where it returns too little', async () => {
    const { session, commit } = bench();
    session.records.add('a');
    expect(kinds(await commit([setOf([itemOf('a')], throws(new Error('called'))), setOf([itemOf('b'), itemOf('c')], () => [{ ok: true }])]))).toEqual([
      'duplicate',
      'done',
      'done',
    ]);
  });

  it('fails as a whole where it throws', async () => {
    const { session, commit } = bench();
    const verdicts = await commit([setOf([itemOf('a'), itemOf('b')], throws(new Error('set')))]);
    expect(kinds(verdicts)).toEqual(['failed', 'failed']);
    expect(session.rows).toEqual([]);
  });
});

describe('budget and signal', () => {
  /** A clock that only handlers move. */
  function timed() {
    let nowMs = 1_000;
    const { session, lifecycle, ...rest } = bench();
    const runtime = { ...systemRuntime, clock: { now: () => nowMs } };
    const commit = (works: readonly Work<Tx>[], options: Partial<CommitOptions>) =>
      commitGroup(session, works, { unit: 'u', onFailure: () => RETRY, ...options }, { runtime, lifecycle });
    const spend = () => {
      nowMs += 30;
    };
    return { ...rest, session, commit, spend };
  }

  it('commits what is done when the budget is spent, and gives back the rest', async () => {
    const { session, work, commit, spend } = timed();
    const verdicts = await commit(
      ['a', 'b', 'c', 'd'].map((id) => work(id, spend)),
      { budgetMs: 50 },
    );
    expect(kinds(verdicts)).toEqual(['done', 'done', 'released', 'released']);
    expect(session.rows).toEqual(['a', 'b']);
  });

  it('runs at least one, however small the budget', async () => {
    const { work, commit, spend } = timed();
    expect(kinds(await commit([work('a', spend), work('b', spend)], { budgetMs: 0 }))).toEqual(['done', 'released']);
  });

  it('begins nothing once the signal has aborted', async () => {
    const { work, commit, ran } = timed();
    const controller = new AbortController();
    const verdicts = await commit([work('a', () => controller.abort()), work('b')], { signal: controller.signal });
    expect(kinds(verdicts)).toEqual(['done', 'released']);
    expect(kinds(await commit([work('c')], { signal: controller.signal }))).toEqual(['released']);
    expect(ran).toEqual(['a']);
  });

  it('never skips a work without items: its caller takes the commit for its own', async () => {
    const { session, work, commit, spend } = timed();
    await commit([work('a', spend), businessWork], { budgetMs: 0, signal: AbortSignal.abort() });
    expect(session.rows).toEqual(['business']);
  });
});

describe('trap 47: an error at commit', () => {
  const refusing = (bad: string) => (rows: readonly string[]) => {
    if (rows.includes(bad)) throw new Error('deferred constraint');
  };

  it.each(['a', 'c', 'e'])('is brought home to its culprit %s by halving, and the others commit', async (bad) => {
    const { session, work, commit } = bench();
    session.onCommit = refusing(bad);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    expect(kinds(await commit(ids.map((id) => work(id))))).toEqual(ids.map((id) => (id === bad ? 'failed' : 'done')));
    expect(session.rows).toEqual(ids.filter((id) => id !== bad));
  });

  it('keeps the order of a key across the halves', async () => {
    const { session, work, commit } = bench();
    session.onCommit = refusing('a');
    const verdicts = await commit([work('a', undefined, 'k'), work('b'), work('c', undefined, 'k'), work('d')], { ordered: true });
    expect(kinds(verdicts)).toEqual(['failed', 'done', 'held', 'done']);
    expect(session.rows).toEqual(['b', 'd']);
  });

  it('traps 4 and 50: parks nothing behind one whose fate is unknown, although the records say that an earlier one of its key is parked', async () => {
    const { session, work, commit } = bench();
    const commits = [new Error('of all'), new Error('of the first half'), undefined, trouble('commit-unknown')];
    session.onCommit = () => {
      const error = commits.shift();
      if (error !== undefined) throw error;
    };
    session.states = ({ message }) => (session.settled.length > 0 && message?.id !== 'a' ? { kind: 'waiting' } : undefined);
    const failing = work('a', throws(new Error('failed')), 'k');
    const verdicts = await commit([failing, ...['b', 'c', 'd'].map((id) => work(id, undefined, 'k'))], { ordered: true, onFailure: () => ({ ...RETRY, park: true }) });
    expect(kinds(verdicts)).toEqual(['failed', 'unknown', 'held', 'held']);
    expect(verdicts.slice(2)).toEqual(['c', 'd'].map(() => ({ kind: 'held', parked: false })));
  });

  it('rejects where even the failure cannot be recorded, instead of trying for ever', async () => {
    const { session, work, commit } = bench();
    session.onCommit = throws(new Error('always'));
    await expect(commit([work('a')])).rejects.toThrow('always');
    expect(session.rows).toEqual([]);
  });

  it('trap 50: makes each half a unit of its own: of one that was committed nothing follows for the other', async () => {
    const { session, work, commit } = bench();
    session.onCommit = (rows) => {
      if (rows.length > 1) throw new Error('bisect');
    };
    await commit(['a', 'b', 'c', 'd'].map((id) => work(id)));
    expect(session.rows).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(session.units).size).toBe(session.units.length);
  });

  it('trap 50: an unknown fate of one half is not told of the other', async () => {
    const { session, work, commit } = bench();
    session.onCommit = (rows) => {
      if (rows.length > 2) throw new Error('bisect');
      if (rows.includes('c')) throw trouble('commit-unknown');
    };
    expect(kinds(await commit(['a', 'b', 'c', 'd'].map((id) => work(id))))).toEqual(['done', 'done', 'unknown', 'unknown']);
    expect(session.rows).toEqual(['a', 'b']);
  });

  it('gives back the second half where the store fails after the first was committed, and keeps its keys waiting', async () => {
    const { session, work, commit } = bench();
    session.onCommit = (rows) => {
      if (rows.length > 2) throw new Error('bisect');
      if (rows.includes('b')) throw rows.length > 1 ? new Error('bisect') : trouble('store-full');
    };
    const verdicts = await commit([work('a'), work('b', undefined, 'k'), work('c', undefined, 'k'), work('d')], { ordered: true });
    expect(verdicts).toMatchObject([{ kind: 'done' }, { kind: 'released', error: { code: 'store-full' } }, { kind: 'held' }, { kind: 'done' }]);
    expect(session.rows).toEqual(['a', 'd']);
  });
});

describe('concurrent works', () => {
  it('are all begun before any has ended', async () => {
    const { session, work, commit } = bench();
    let open: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const verdicts = await commit([work('a', () => gate), work('b', () => open?.())], { concurrent: true });
    expect(kinds(verdicts)).toEqual(['done', 'done']);
    expect(session.rows).toEqual(['a', 'b']);
  });

  it('trap 45: of one key run in turn, where an order is to be kept', async () => {
    const { work, commit } = bench();
    const running = new Map<string, number>();
    let most = 0;
    const alone = (key: string) => async () => {
      running.set(key, (running.get(key) ?? 0) + 1);
      most = Math.max(most, ...running.values());
      await new Promise((resolve) => setImmediate(resolve));
      running.set(key, (running.get(key) ?? 0) - 1);
    };
    const works = ['k', 'other', 'k', 'k'].map((key, index) => work(`${key}${index}`, alone(key), key));
    expect(kinds(await commit(works, { concurrent: true, ordered: true }))).toEqual(['done', 'done', 'done', 'done']);
    expect(most).toBe(1);
  });

  it('run in turn after a failure, and only then is one to blame: the first to fail may have done so because of its sibling', async () => {
    const { session, work, commit, ran } = bench();
    const innocent = () => {
      if (ran.length === 1) throw new Error('because of its sibling');
    };
    const guilty = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('culprit');
    };
    expect(kinds(await commit([work('a', innocent), work('b', guilty), work('c')], { concurrent: true }))).toEqual(['done', 'failed', 'done']);
    expect(session.rows).toEqual(['a', 'c']);
  });

  it('that are one alone is to blame at once', async () => {
    const { work, commit, ran } = bench();
    expect(kinds(await commit([work('a', throws(new Error('failed')))], { concurrent: true }))).toEqual(['failed']);
    expect(ran).toEqual(['a']);
  });

  it('trap 48: have all ended before the transaction is rolled back', async () => {
    const { session, work, commit } = bench();
    const states: boolean[] = [];
    const slow = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      states.push(session.isOpen && !session.calls.includes('rollback'));
    };
    await commit([work('a', throws(new Error('failed'))), work('b', slow)], { concurrent: true });
    expect(states[0]).toBe(true);
  });
});

describe('a work without items', () => {
  it('commits, and gives no verdict', async () => {
    const { session, commit } = bench();
    expect(await commit([businessWork])).toEqual([]);
    expect(session.rows).toEqual(['business']);
  });

  it('rethrows what it threw, and what its commit threw, after one run', async () => {
    const { session, commit } = bench();
    const error = new Error('business');
    let runs = 0;
    const business = (thrown?: Error): Work<Tx> => ({
      items: [],
      run: async ({ tx }) => {
        runs += 1;
        tx.push('business');
        if (thrown) throw thrown;
        return [];
      },
    });
    await expect(commit([business(error)])).rejects.toBe(error);
    session.onCommit = throws(error);
    await expect(commit([business()])).rejects.toBe(error);
    expect(runs).toBe(2);
    expect(session.rows).toEqual([]);
  });
});
