import { expect, test } from 'vitest';
import { bury, deliveryOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

describeWith('postgres', 'a work that is alone in its transaction', () => {
  test('sends what it publishes with the end of its transaction, in one batch', async () => {
    await using postgres = await postgresBench();
    const { bench, sent } = postgres;
    await bench.join('billing');
    const before = sent.length;
    await bench.publish([messageOf('a'), messageOf('b'), messageOf('c')]);
    const texts = sent.slice(before).filter(({ answer }) => answer === 'none yet');
    const commit = texts.findIndex(({ text }) => text === 'commit');
    expect(texts.filter(({ text }) => text.includes('insert into semel.messages'))).toHaveLength(1);
    expect(sent.slice(before).findIndex(({ text, answer }) => text.includes('insert into semel.messages') && answer === 'success')).toBeGreaterThan(commit);
    expect(await bench.lease('billing')).toHaveLength(3);
  });

  test('trap 15: runs once where a message that it publishes conflicts with one that is there, and learns so', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing', { kind: 'remote' });
    await bench.publish([messageOf('x', { data: 'first' })]);
    let runs = 0;
    const verdicts = await bench.handle('billing', [deliveryOf(messageOf('cause'))], {
      onFailure: bury(),
      run: async (scope) => {
        runs += 1;
        await scope.stage(messageOf('x', { data: 'second' }));
      },
    });
    expect(verdicts).toMatchObject([{ kind: 'failed', error: { code: 'identity-conflict' } }]);
    expect(runs).toBe(1);
  });

  test('a business transaction rejects with the conflict, and leaves nothing', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing');
    await bench.publish([messageOf('x', { data: 'first' })]);
    const publishing = bench.publish([messageOf('y'), messageOf('x', { data: 'second' })]);
    await expect(publishing).rejects.toMatchObject({ code: 'identity-conflict' });
    expect((await bench.lease('billing')).map(({ content }) => 'message' in content && content.message.id)).toEqual(['x']);
  });

  test('publishes what waits for a retry elsewhere, though it cannot know that at once', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('pay', { kind: 'remote' });
    await bench.join('billing');
    await bench.handle('pay', [deliveryOf(messageOf('x'))], {
      onFailure: (item, error) => ({
        kind: 'retry',
        afterMs: 60_000,
        failure: { atMs: 0, attempt: item.delivery.attempt, code: 'x', message: String(error) },
        counted: true,
        park: true,
      }),
      run: async () => {
        throw new Error('no luck');
      },
    });
    await bench.publish([messageOf('x')]);
    expect(await bench.lease('billing')).toHaveLength(1);
  });
});
