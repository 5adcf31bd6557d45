import { expect, test } from 'vitest';
import { BAD, GOOD, Shop } from '../shop-fixture.ts';

test('says what it would forget, and forgets it only when told', async () => {
  using shop = await new Shop().sell(GOOD, BAD);
  expect(await shop.semel('remove payments')).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('would forget payments, 0 messages, 1 dead letter and its records, for good: add --yes'),
  });
  expect(await shop.deadIds()).toEqual([1]);
  expect(await shop.semel('remove payments --yes')).toEqual({ exitCode: 0, stdout: 'removed payments: 0 messages, 1 dead letter, 2 records\n', stderr: '' });
  expect(await shop.json('status')).toMatchObject({ subscriptions: [] });
});

test('a name that is not there is told', async () => {
  using shop = await new Shop().sell();
  expect(await shop.semel('remove payment --yes')).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-consumer]') });
});
