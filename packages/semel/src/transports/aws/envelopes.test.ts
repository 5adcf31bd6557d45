import { describe, expect, test } from 'vitest';
import { decodeCloudEvent } from '../../core/cloudevents.ts';
import { unwrapped } from './envelopes.ts';

const event = JSON.stringify({ specversion: '1.0', id: 'a', source: 'shop/orders', type: 'orders', data: { text: 'naïve "☃"' } });
const recordOf = (body: string, headers = {}) => ({ body: Buffer.from(body), headers, key: 'group' });

function notification(message: string, given: object = {}): string {
  const envelope = { Type: 'Notification', MessageId: `sns-${Math.random()}`, TopicArn: 'arn:aws:sns:us-east-1:000000000000:orders', Message: message };
  return JSON.stringify({ ...envelope, Timestamp: '2026-01-01T00:00:00.000Z', SignatureVersion: '1', Signature: 'x', ...given });
}

function busEvent(detail: unknown, given: object = {}): string {
  const envelope = { version: '0', id: 'bus-1', 'detail-type': 'order.placed', source: 'shop', account: '000000000000', time: '2026-01-01T00:00:00Z', region: 'us-east-1' };
  return JSON.stringify({ ...envelope, resources: [], detail, ...given });
}

const textOf = (record: { readonly body: Uint8Array }) => Buffer.from(record.body).toString();

describe('trap 32: the identity is the publisher’s, whatever carried the message', () => {
  test.each([
    ['as it is', event],
    ['wrapped by SNS', notification(event)],
    ['wrapped by EventBridge', busEvent(JSON.parse(event))],
    ['wrapped by both', notification(busEvent(JSON.parse(event)))],
  ])('%s', (_, body) => {
    const { id, source, data } = decodeCloudEvent(unwrapped(recordOf(body), {}).body, 'orders');
    expect({ id, source, data }).toEqual({ id: 'a', source: 'shop/orders', data: { text: 'naïve "☃"' } });
  });

  test('a message that SNS delivers twice is one, though its notifications differ', () => {
    const [first, second] = [notification(event), notification(event)];
    expect(first).not.toBe(second);
    expect(textOf(unwrapped(recordOf(first), {}))).toBe(textOf(unwrapped(recordOf(second), {})));
  });
});

test('attributes of SNS become headers, and EventBridge’s own fields too; key and time stay', () => {
  const MessageAttributes = { Kind: { Type: 'String', Value: 'x' }, Blob: { Type: 'Binary', Value: 'AA==' } };
  expect(unwrapped(recordOf(notification('{}', { MessageAttributes }), { own: 'y' }), {})).toMatchObject({ headers: { kind: 'x', own: 'y' }, key: 'group' });
  expect(unwrapped(recordOf(busEvent({})), {}).headers).toEqual({ 'eventbridge-id': 'bus-1', source: 'shop', 'detail-type': 'order.placed', time: '2026-01-01T00:00:00Z' });
});

test.each([
  ['a message that speaks of a topic', JSON.stringify({ TopicArn: 'arn:aws:sns:us-east-1:000000000000:orders', Message: 'x' })],
  ['a notification of something else', notification('x', { TopicArn: 'orders' })],
  ['an event without the rest', JSON.stringify({ 'detail-type': 'x', detail: {} })],
  ['no object', '["\\"TopicArn\\""]'],
])('%s is no envelope', (_, body) => {
  expect(textOf(unwrapped(recordOf(body), {}))).toBe(body);
});

test('trap 36: an envelope is read as strictly as what is in it', () => {
  expect(() => unwrapped(recordOf(busEvent({}).replace('"detail":{}', '"detail":{"a":1,"a":2}')), {})).toThrow(expect.objectContaining({ code: 'duplicate-member' }));
  expect(() => unwrapped(recordOf('{"TopicArn"'), {})).toThrow(expect.objectContaining({ code: 'not-json' }));
});

test('no more than three envelopes are opened', () => {
  const four = notification(notification(notification(notification(event))));
  expect(textOf(unwrapped(recordOf(four), {}))).toContain('"Notification"');
});
