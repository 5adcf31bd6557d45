import { expect, test } from 'vitest';
import { BAD, Shop, THEN_MS, WORSE } from '../../shop-fixture.ts';

test('pages, and shows no payload', async () => {
  using shop = await new Shop().sell(BAD, WORSE);
  expect(await shop.semel('dead list --limit 1')).toEqual({
    exitCode: 0,
    stdout: `ID  CONSUMER  REASON    TRIES     AGE  KEY  SOURCE       MESSAGE
 1  payments  NO_PRICE      1  3h 20m  C2   shop/orders  A2
`,
    stderr: 'There are more: --after 1\n',
  });
  const second = { id: 2, consumer: 'payments', topic: 'orders', source: 'shop/orders', messageId: 'A3', key: 'C3', reason: 'NO_PRICE', attempts: 1, diedAtMs: THEN_MS };
  expect(await shop.json('dead list --after 1')).toEqual({ store: `sqlite:${shop.file}`, deadLetters: [second] });
  expect(await shop.json('dead list --limit 1')).toMatchObject({ nextAfter: 1 });
});

test('an unknown consumer is not taken for an empty list', async () => {
  using shop = await new Shop().sell();
  expect(await shop.semel('dead list --consumer payment')).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-consumer]') });
  expect(await shop.semel('dead list --consumer payments')).toEqual({ exitCode: 0, stdout: 'No dead letters.\n', stderr: '' });
});
