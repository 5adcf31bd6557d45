import { expect, test } from 'vitest';
import { GOOD, NOW_MS, Shop } from '../shop-fixture.ts';

test('nothing is handled until the end of the pause, or until it is resumed', async () => {
  using shop = await new Shop().sell();
  expect((await shop.semel('pause payments')).stdout).toBe('payments is paused until resumed\n');
  await shop.sell(GOOD);
  expect(await shop.json('status')).toMatchObject({ subscriptions: [{ paused: true, backlog: { ready: 1 } }] });
  expect((await shop.semel('resume payments')).stdout).toBe('payments goes on\n');
  expect(await shop.json('status')).toMatchObject({ subscriptions: [{ paused: false }] });
  const until = new Date(NOW_MS + 60_000).toISOString();
  expect((await shop.semel(`pause payments --until ${until}`)).stdout).toBe(`payments is paused until ${until}\n`);
  expect(await shop.json('status')).toMatchObject({ subscriptions: [{ paused: true, pausedUntilMs: NOW_MS + 60_000 }] });
});

test.each(['pause', 'resume'])('%s tells a name that is not there', async (line) => {
  using shop = await new Shop().sell();
  expect(await shop.semel(`${line} payment`)).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-consumer]') });
});
