import { expect, test } from 'vitest';
import { BAD, GOOD, Shop, THEN_MS } from '../shop-fixture.ts';

const DAY = 'replay payments --from 2026-01-15 --by ann --reason "wrong tax rate"';

test('counts, wants a yes, does it, and keeps a record', async () => {
  using shop = await new Shop().sell(GOOD, BAD);
  expect(await shop.semel(`${DAY} --dry-run`)).toEqual({ exitCode: 0, stdout: 'payments would handle 1 message again\n', stderr: '' });
  expect(await shop.semel(DAY)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('would handle 1 message again, effects and all: add --yes') });
  expect(await shop.semel('replays')).toEqual({ exitCode: 0, stdout: 'No replays.\n', stderr: '' });
  expect(await shop.semel(`${DAY} --yes`)).toEqual({ exitCode: 0, stdout: 'replay 1: payments handles 1 message again\n', stderr: '' });
  expect((await shop.semel('replays')).stdout).toBe(
    `ID  AT                    CONSUMER  FROM                  TO                    IDS  MESSAGES  BY   REASON
 1  2026-01-15T15:20:00Z  payments  2026-01-15T00:00:00Z  2026-01-15T15:20:00Z  all         1  ann  wrong tax rate
`,
  );
  expect(await shop.json('status')).toMatchObject({ subscriptions: [{ backlog: { ready: 1 }, deadLetters: 1 }] });
});

test('is of the range, and of the ids named', async () => {
  using shop = await new Shop().sell(GOOD, { ...GOOD, orderId: 'B1' }, { ...GOOD, orderId: 'B2' });
  const { stdout } = await shop.semel(`${DAY} --to 2026-01-15T12:00:00Z --yes`);
  expect(stdout).toBe('No message of that range is kept and was handled.\n');
  expect(await shop.json(`${DAY} --id B1 --id B2 --yes`)).toEqual({
    store: `sqlite:${shop.file}`,
    dryRun: false,
    consumer: 'payments',
    messages: 2,
    replay: expect.objectContaining({ id: 1, by: 'ann', reason: 'wrong tax rate', fromMs: Date.UTC(2026, 0, 15), ids: ['B1', 'B2'], messages: 2 }),
  });
  expect(await shop.json('replays --consumer payments')).toMatchObject({ replays: [{ id: 1 }] });
  expect(await shop.json('replays --consumer mail')).toMatchObject({ replays: [] });
});

test('a name that nobody joined under is told', async () => {
  using shop = await new Shop().sell(GOOD);
  expect(await shop.semel(`${DAY.replace('payments', 'payment')} --yes`, { nowMs: THEN_MS })).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('[unknown-consumer]') });
});
