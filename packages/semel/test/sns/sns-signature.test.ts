import { createSign } from 'node:crypto';
import { snsVerifier } from 'semel/sns';
import { manualRuntime } from 'semel/testing';
import { describe, expect, test } from 'vitest';
import { certificate } from './certificate.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:orders';
const CERT_URL = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem';
const NOW_MS = Date.parse('2026-06-01T12:00:00.000Z');
const own = certificate(2020, 2060);
const foreign = certificate(2020, 2060);
const runtime = { ...manualRuntime(), clock: { now: () => NOW_MS } };

const notification = { Type: 'Notification', MessageId: 'm1', TopicArn: TOPIC, Subject: 'naïve', Message: '{"a":1}\n', Timestamp: '2026-06-01T11:59:00.000Z' };
const confirmation = { ...notification, Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t' };

/** As SNS signs: names and values of some members in the order of their names, each with a line break. */
function signed(post: Readonly<Record<string, string>>, { version = '2', key = own.key, url = CERT_URL } = {}): string {
  const names =
    post['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.flatMap((name) => (post[name] === undefined ? [] : [`${name}\n${post[name]}\n`])).join('');
  const Signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
    .update(text)
    .sign(key, 'base64');
  return JSON.stringify({ ...post, SignatureVersion: version, Signature, SigningCertURL: url });
}

/** Fetches are counted; each may answer something else. */
function verifier(...answers: readonly (string | number)[]): { readonly verify: ReturnType<typeof snsVerifier>; readonly fetched: string[] } {
  const fetched: string[] = [];
  const get = async (url: unknown, init?: RequestInit): Promise<Response> => {
    expect(init?.redirect).toBe('error');
    fetched.push(String(url));
    const answer = answers[fetched.length - 1] ?? own.pem;
    return typeof answer === 'number' ? new Response('', { status: answer }) : new Response(answer);
  };
  return { verify: snsVerifier({ topics: [TOPIC], fetch: get as typeof fetch, runtime }), fetched };
}

const invalid = expect.objectContaining({ code: 'signature-invalid' });

test.each(['1', '2'])('trap 37: takes what SNS signed, version %s, and fetches its certificate once', async (version) => {
  const { verify, fetched } = verifier();
  const post = await verify(signed(notification, { version }));
  expect(post).toEqual({ type: 'Notification', topicArn: TOPIC, message: '{"a":1}\n', messageId: 'm1', atMs: NOW_MS - 60_000 });
  const { Subject: _, ...without } = notification;
  await verify(Buffer.from(signed(without, { version })));
  expect(fetched).toEqual([CERT_URL]);
});

test('recognises the confirmation of a subscription, and names its address', async () => {
  const { verify } = verifier();
  expect(await verify(signed(confirmation))).toMatchObject({ type: 'SubscriptionConfirmation', subscribeUrl: confirmation.SubscribeURL });
  await expect(verify(signed({ ...confirmation, SubscribeURL: 'https://evil.example/' }))).rejects.toEqual(invalid);
});

describe('trap 37: refuses', () => {
  test.each([
    ['what was altered', signed(notification).replace('"{\\"a\\":1}', '"{\\"a\\":2}')],
    ['what another key signed', signed(notification, { key: foreign.key })],
    ['another version of signatures', signed(notification).replace('"SignatureVersion":"2"', '"SignatureVersion":"3"')],
    ['another type', signed({ ...notification, Type: 'Notice' })],
    ['another topic, though SNS signed it', signed({ ...notification, TopicArn: `${TOPIC}-other` })],
    ['what is too old', signed({ ...notification, Timestamp: '2026-06-01T10:50:00.000Z' })],
    ['what is of a time to come', signed({ ...notification, Timestamp: '2026-06-01T12:06:00.000Z' })],
    ['what has no time', signed({ ...notification, Timestamp: 'now' })],
    ['no object', '"Notification"'],
  ])('%s', async (_, body) => {
    await expect(verifier().verify(body)).rejects.toEqual(invalid);
  });

  test.each([
    'http://sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com.evil.example/a.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/a.pem',
    'https://user@sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com:8443/a.pem',
    'https://s3.eu-central-1.amazonaws.com/bucket/a.pem',
    'https://sns.eu-central-1.amazonaws.com/a.pem?x=1#/../b',
    'https://sns.eu-central-1.amazonaws.com/?a.pem',
    'not a url',
  ])('a certificate at %s, and does not fetch it', async (url) => {
    const { verify, fetched } = verifier();
    const refused = verify(signed(notification, { url, key: foreign.key }));
    await expect(refused).rejects.toEqual(invalid);
    expect(fetched.filter((each) => !each.startsWith('https://sns.eu-central-1.amazonaws.com/a.pem'))).toEqual([]);
  });

  test('a certificate that is not valid now', async () => {
    const old = certificate(2020, 2024);
    await expect(verifier(old.pem).verify(signed(notification, { key: old.key }))).rejects.toEqual(invalid);
  });
});

test('takes the hosts of China too', async () => {
  const url = 'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem';
  await verifier().verify(signed(notification, { url }));
});

test('a certificate that cannot be had now is fetched again by the next post', async () => {
  const { verify, fetched } = verifier(503);
  await expect(verify(signed(notification))).rejects.toMatchObject({ code: 'transport-unavailable' });
  await verify(signed(notification));
  expect(fetched).toHaveLength(2);
});

test.each([{}, { topics: [] }, { topics: [TOPIC], fetch: 1 }, { topics: [TOPIC], maxAgeMs: -1 }, { topics: [TOPIC], maxAge: 1 }])('refuses wrong options: %j', (options) => {
  expect(() => snsVerifier(options as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
