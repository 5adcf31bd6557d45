import { expect, test } from 'vitest';
import { sign, verify } from './signature.ts';

const BODY = Buffer.from('{"zen":"Keep it logically awesome."}');
const SIGNATURE = sign(BODY, 'secret');

test("GitHub's own example of a signature", () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  expect(sign(Buffer.from('Hello, World!'), "It's a Secret to Everybody")).toBe('sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17');
});

test('the right signature is accepted, that of another body or secret is not', () => {
  expect(verify(BODY, SIGNATURE, ['secret'])).toBe(true);
  expect(verify(Buffer.concat([BODY, Buffer.from('\n')]), SIGNATURE, ['secret'])).toBe(false);
  expect(verify(BODY, sign(BODY, 'Secret'), ['secret'])).toBe(false);
});

test('trap 37: the raw bytes are signed, not what they mean', () => {
  const spaced = Buffer.from('{ "zen": "Keep it logically awesome." }');
  expect(JSON.parse(spaced.toString())).toEqual(JSON.parse(BODY.toString()));
  expect(verify(spaced, SIGNATURE, ['secret'])).toBe(false);
});

test.each([
  ['empty', ''],
  ['too short', SIGNATURE.slice(0, -1)],
  ['too long', `${SIGNATURE}0`],
  ['without its prefix', SIGNATURE.slice('sha256='.length)],
  ['of another algorithm', SIGNATURE.replace('sha256', 'sha512')],
  ['in upper case', SIGNATURE.toUpperCase()],
  ['in base64', `sha256=${Buffer.from(SIGNATURE.slice('sha256='.length), 'hex').toString('base64')}`],
  ['as long in characters, but not in bytes', `${SIGNATURE.slice(0, -1)}é`],
])('a signature that is %s is refused, and nothing is thrown', (_, signature) => {
  expect(verify(BODY, signature, ['secret'])).toBe(false);
});

test('trap 37: while a secret is replaced, both are valid, whatever their order', () => {
  expect(verify(BODY, sign(BODY, 'old'), ['old', 'new'])).toBe(true);
  expect(verify(BODY, sign(BODY, 'old'), ['new', 'old'])).toBe(true);
  expect(verify(BODY, sign(BODY, 'older'), ['new', 'old'])).toBe(false);
  expect(verify(BODY, SIGNATURE, [])).toBe(false);
});
