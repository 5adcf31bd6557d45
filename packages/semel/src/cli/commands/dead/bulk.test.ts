import { expect, test } from 'vitest';
import { SemelError } from '../../../core/errors.ts';
import { sqlite } from '../../../stores/sqlite/index.ts';
import { BAD, Shop, THEN_MS, WORSE } from '../../shop-fixture.ts';
import type { Target } from '../../target/target.ts';
import { type BulkAct, bulk } from './bulk.ts';

test('redrive answers per id; one that is not there does not keep the others from it', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  expect(await shop.semel('dead redrive 1 99 2')).toEqual({ exitCode: 1, stdout: '1  redriven\n99  not there\n2  redriven\n', stderr: '' });
  expect(await shop.deadIds()).toEqual([]);
  expect(await shop.json('status')).toMatchObject({ subscriptions: [{ name: 'payments', backlog: { ready: 2 }, deadLetters: 0 }] });
});

test('discard forgets', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  expect(await shop.semel('dead discard 2')).toEqual({ exitCode: 0, stdout: '2  discarded\n', stderr: '' });
  expect(await shop.deadIds()).toEqual([1]);
  expect(await shop.json('status')).toMatchObject({ subscriptions: [{ backlog: { ready: 0 }, deadLetters: 1 }] });
});

test('all of a consumer want a yes, and a dry run does nothing', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  const refused = await shop.semel('dead redrive --consumer payments --all');
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('would redrive 2 dead letters of payments: add --yes')]);
  expect((await shop.semel('dead redrive --consumer payments --all --dry-run')).stdout).toBe('1  would be redriven\n2  would be redriven\n');
  expect(await shop.deadIds()).toEqual([1, 2]);
  expect(await shop.json('dead discard --consumer payments --all --yes')).toEqual({
    store: `sqlite:${shop.file}`,
    dryRun: false,
    results: [
      { id: 1, result: 'discarded' },
      { id: 2, result: 'discarded' },
    ],
  });
  expect(await shop.deadIds()).toEqual([]);
});

test('a reason narrows all down', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  shop.alter("update semel_dead_letters set reason = 'OTHER' where dead_letter_id = 1");
  expect((await shop.semel('dead redrive --consumer payments --all --reason NO_PRICE --yes')).stdout).toBe('2  redriven\n');
  expect((await shop.semel('dead redrive --consumer payments --all --reason NO_PRICE --yes')).stdout).toBe('No dead letters.\n');
});

test('all are all, however many pages they fill', async () => {
  using shop = await new Shop().sell(BAD);
  shop.alter(`with recursive n (n) as (values (1) union all select n + 1 from n where n < 450)
    insert into semel_dead_letters (subscription_id, topic, source, id, fingerprint, type, time, headers, data, reason, history, died_at_ms)
    select subscription_id, topic, source, 'B' || n, fingerprint, type, time, headers, data, reason, history, died_at_ms from semel_dead_letters, n`);
  const { exitCode, stdout } = await shop.semel('dead discard --consumer payments --all --dry-run');
  expect({ exitCode, lines: stdout.trim().split('\n').length }).toEqual({ exitCode: 0, lines: 451 });
});

test('what dies again while all are redriven is not redriven again', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  expect(await shop.semel('dead redrive --consumer payments --all --yes', { nowMs: THEN_MS })).toMatchObject({ exitCode: 0 });
  await shop.sell();
  expect(await shop.deadIds()).toEqual([3, 4]);
});

test('a rate spreads them out', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  const begunMs = performance.now();
  await shop.semel('dead redrive 1 2 --rate 10/s');
  expect(performance.now() - begunMs).toBeGreaterThan(95);
});

test('what cannot be redriven is told, with its code', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  shop.alter("update semel_dead_letters set data = null, bytes = x'7b' where dead_letter_id = 1");
  expect(await shop.semel('dead redrive 1 2')).toEqual({
    exitCode: 1,
    stderr: '',
    stdout: expect.stringMatching(/^1 {2}failed: .*cannot be decoded \[not-redrivable\]\n2 {2}redriven\n$/),
  });
});

test('an unknown consumer is told', async () => {
  using shop = await new Shop().sell(BAD);
  expect(await shop.semel('dead redrive --consumer payment --all --yes')).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-consumer]') });
});

test('a store that fails in the middle ends it: what was done is told, the rest is left', async () => {
  using shop = await new Shop().sell(BAD, WORSE, { ...WORSE, orderId: 'A4' });
  const store = sqlite(shop.file);
  let stdout = '';
  let stderr = '';
  const invocation = {
    world: { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: (text: string) => (stderr += text) }, env: {}, now: Date.now, isTty: false },
    options: {},
    args: [[1, 2, 3]] as [readonly number[]],
    target: () => ({ address: 'sqlite:shop.db', existing: async () => store }) as Target,
    print: () => {},
  };
  const run: BulkAct['run'] = async (letters, id) => {
    if (id === 2) throw new SemelError('store-full', 'the disk is full');
    return letters.discard(id);
  };
  expect(await bulk(invocation, { verb: 'discard', done: 'discarded', run })).toBe(3);
  expect(stdout).toBe('1  discarded\n2  failed: the disk is full [store-full]\n');
  expect(stderr).toBe('semel: stopped; 1 is left as it was\n');
  expect(await shop.deadIds()).toEqual([2, 3]);
});
