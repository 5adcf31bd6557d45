import { describe, expect, it } from 'vitest';
import { isStoreTrouble } from '../src/core/commit-group.ts';
import { bench, kinds, throws, trouble } from '../src/core/commit-group-fixture.ts';
import type { ErrorCode } from '../src/core/errors.ts';
import { RefusedBefore } from '../src/core/session.ts';

describe('trap 44: user code that ended the transaction', () => {
  it.each([
    ['and caught what followed', undefined],
    ['and threw', new Error('thrown')],
  ])('is to blame, %s; nothing else is', async (_, thrown) => {
    const { session, work, commit } = bench();
    let ended = false;
    session.verify = () => {
      if (ended) throw trouble('transaction-ended');
    };
    const end = () => {
      ended = true;
      if (thrown) throw thrown;
    };
    const { rollback } = session;
    session.rollback = async () => {
      ended = false;
      await rollback.call(session);
    };
    const verdicts = await commit([work('a'), work('b', end), work('c')]);
    expect(kinds(verdicts)).toEqual(['done', 'failed', 'done']);
    expect(verdicts[1]).toMatchObject({ error: thrown ?? { code: 'transaction-ended' } });
    expect(session.rows).toEqual(['a', 'c']);
  });
});

describe('trap 23: a conflict', () => {
  /** Lets works meet a conflict, whatever they make of it. */
  function conflicting() {
    const made = bench();
    const { session } = made;
    let met = false;
    session.verify = () => {
      if (met) throw trouble('store-conflict');
    };
    const { rollback } = session;
    session.rollback = async () => {
      met = false;
      await rollback.call(session);
    };
    return { ...made, meet: () => (met = true) };
  }

  it('is nobody’s failure: the transaction is run again', async () => {
    const { session, work, commit, ran, meet } = conflicting();
    const twice = () => ran.filter((id) => id === 'b').length <= 2 && meet();
    expect(kinds(await commit([work('a'), work('b', twice), work('c')]))).toEqual(['done', 'done', 'done']);
    expect(session.calls).not.toContain('savepoint');
  });

  it('trap 41: that outlasts this is the failure of the work that meets it', async () => {
    for (const concurrent of [false, true]) {
      const { session, work, commit, meet } = conflicting();
      const verdicts = await commit([work('a'), work('b', meet), work('c')], { concurrent });
      expect(verdicts).toMatchObject([{ kind: 'done' }, { kind: 'failed', error: { code: 'store-conflict' } }, { kind: 'done' }]);
      expect(session.rows).toEqual(['a', 'c']);
    }
  });

  it('trap 47: at COMMIT that outlasts this is brought home by halving', async () => {
    const { session, work, commit } = bench();
    session.onCommit = (rows) => {
      if (rows.includes('b')) throw trouble('store-conflict');
    };
    expect(kinds(await commit([work('a'), work('b'), work('c')]))).toEqual(['done', 'failed', 'done']);
    expect(session.rows).toEqual(['a', 'c']);
  });

  it('over the claim blames nobody', async () => {
    const { session, work, commit, ran } = bench();
    session.states = throws(trouble('store-conflict'));
    await expect(commit([work('a'), work('b')])).rejects.toMatchObject({ code: 'store-conflict' });
    expect(ran).toEqual([]);
    expect(session.calls.filter((call) => call === 'begin')).toHaveLength(6);
  });
});

describe('trap 41: a work that leaves the transaction without the rights to end it', () => {
  it.each(['store-forbidden', 'store-readonly'] as const)('is found and blamed (%s), and the others commit', async (code) => {
    const { session, work, commit } = bench();
    session.onCommit = (rows) => {
      if (rows.includes('b')) throw new RefusedBefore(trouble(code));
    };
    expect(kinds(await commit([work('a'), work('b'), work('c')]))).toEqual(['done', 'failed', 'done']);
    expect(session.rows).toEqual(['a', 'c']);
  });

  it.each(['store-forbidden', 'store-readonly'] as const)('is not to blame where the claim is refused already (%s)', async (code) => {
    const { session, work, commit, ran } = bench();
    session.states = throws(trouble(code));
    await expect(commit([work('a')])).rejects.toMatchObject({ code });
    expect(ran).toEqual([]);
  });
});

describe('store trouble', () => {
  const codes: readonly ErrorCode[] = ['store-full', 'store-busy', 'schema-missing', 'schema-newer', 'commit-unknown'];

  it.each(codes)('%s rejects, blames nobody, and leaves nothing behind', async (code) => {
    for (const place of ['run', 'flush', 'commit'] as const) {
      const { session, work, commit } = bench();
      if (place === 'run') session.verify = throws(trouble(code));
      if (place === 'flush') session.onFlush = throws(trouble(code));
      if (place === 'commit') session.onCommit = throws(trouble(code));
      await expect(commit([work('a'), work('b'), work('c')])).rejects.toMatchObject({ code });
      expect(session.rows).toEqual([]);
      expect(session.settled).toEqual([]);
      expect(session.isOpen).toBe(false);
    }
  });

  it('rejects in the second try as in the first', async () => {
    const { session, work, commit } = bench();
    let calls = 0;
    session.verify = () => {
      if (calls > 1) throw trouble('store-full');
    };
    const full = () => {
      calls += 1;
    };
    await expect(commit([work('a', full), work('b', throws(new Error('failed')))])).rejects.toMatchObject({ code: 'store-full' });
    expect(session.rows).toEqual([]);
  });

  it('is believed before what the handler made of it', async () => {
    const { session, work, commit } = bench();
    session.verify = throws(trouble('store-full'));
    await expect(commit([work('a', throws(new Error('disk I/O error')))])).rejects.toMatchObject({ code: 'store-full' });
  });

  it('of another store, in user code, is the message’s own failure', async () => {
    const { session, work, commit } = bench();
    expect(kinds(await commit([work('a'), work('b', throws(trouble('store-closed'))), work('c')]))).toEqual(['done', 'failed', 'done']);
    expect(session.rows).toEqual(['a', 'c']);
  });

  it('is no fault of the data or the handler', () => {
    expect(codes.every((code) => isStoreTrouble(trouble(code)))).toBe(true);
    for (const code of ['schema-invalid', 'identity-conflict', 'handler-timeout', 'lease-lost'] as const) expect(isStoreTrouble(trouble(code))).toBe(false);
    expect(isStoreTrouble(new Error('store-full'))).toBe(false);
  });
});
