import { expect, test } from 'vitest';
import { BAD, Shop } from '../../shop-fixture.ts';

test('tells everything', async () => {
  using shop = await new Shop().sell(BAD);
  const { stdout } = await shop.semel('dead show 1');
  expect(stdout.replace(/^ {4}at .*\n/gm, '')).toBe(`dead letter  1
consumer     payments
topic        orders
source       shop/orders
message      A2
key          C2
type         orders
published    2026-01-15T12:00:00.000Z
reason       NO_PRICE
died         2026-01-15T12:00:00.000Z, 3h 20m ago

history
  try 1  2026-01-15T12:00:00.000Z  NO_PRICE: order A2 costs nothing

payload
  {
    "cents": 0,
    "customer": "C2",
    "orderId": "A2"
  }
`);
  expect(stdout).toMatch(/^ {4}at .*shop-fixture\.ts/m);
});

test('leaves the payload out when asked to, for people and for programs', async () => {
  using shop = await new Shop().sell(BAD);
  expect((await shop.semel('dead show 1 --no-payload')).stdout).not.toContain('payload');
  expect(JSON.stringify(await shop.json('dead show 1 --no-payload'))).not.toContain('cents');
  expect(JSON.stringify(await shop.json('dead show 1'))).toContain('"cents":0');
});

test('shows bytes that could not be decoded', async () => {
  using shop = await new Shop().sell(BAD);
  shop.alter("update semel_dead_letters set data = null, bytes = x'7b1bff'");
  expect((await shop.semel('dead show 1')).stdout).toContain('payload (not decoded, 3 B, base64)\n  exv/\n');
  expect(await shop.json('dead show 1')).toMatchObject({ deadLetter: { bytesBase64: 'exv/' } });
  shop.alter("update semel_dead_letters set bytes = x'7b1b'");
  expect((await shop.semel('dead show 1')).stdout).toContain('payload (not decoded, 2 B)\n  {\\x1b\n');
});

test('an id that is not there is told', async () => {
  using shop = await new Shop().sell();
  expect(await shop.semel('dead show 9')).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-dead-letter]') });
});
