import { describe, expect, test } from 'vitest';
import type { ForeignMessages } from './foreign.ts';
import type { Message } from './message.ts';
import { seal } from './seal.ts';
import { Wire, type WireOptions } from './wire.ts';
import type { WireRecord } from './wire-record.ts';

const order: Message = {
  topic: 'orders',
  source: 'shop/orders',
  id: 'o-1/placed',
  type: 'order.placed',
  time: '2026-01-01T00:00:00.000Z',
  key: 'c-7',
  data: { cents: 120, note: 'naïve ☃' },
  headers: { traceparent: '00-1' },
};

const bytes = (text: string) => new TextEncoder().encode(text);

function read(options: WireOptions, record: Partial<WireRecord> & { readonly text?: string }): Message {
  const { text = '{}', ...given } = record;
  const content = new Wire('kafka', 'ce_', options).content({ body: bytes(text), headers: {}, ...given }, 'orders');
  if (!('bytes' in content) || content.decode === undefined) throw new Error('it is decoded later');
  return content.decode({});
}

const thrown = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('CloudEvents', () => {
  test.each(['structured', 'binary'] as const)('%s: what is written is read again, whatever the reader writes itself', (format) => {
    const { body, headers } = new Wire('kafka', 'ce_', { format }).encode(seal(order));
    for (const reading of ['structured', 'binary'] as const) expect(read({ format: reading }, { text: body, headers })).toEqual(order);
  });

  test('binary: the body is the data, and the attributes are headers', () => {
    const { body, headers } = new Wire('kafka', 'ce_', { format: 'binary' }).encode(seal(order));
    expect(JSON.parse(body)).toEqual(order.data);
    expect(headers).toMatchObject({ 'content-type': 'application/json', ce_specversion: '1.0', ce_id: 'o-1/placed', ce_partitionkey: 'c-7', ce_traceparent: '00-1' });
  });

  test('binary without a body has the data null', () => {
    const { headers } = new Wire('kafka', 'ce_', { format: 'binary' }).encode(seal(order));
    expect(read({}, { text: '', headers }).data).toBeNull();
  });

  test('trap 36: a body does not add attributes', () => {
    const { headers } = new Wire('kafka', 'ce_', { format: 'binary' }).encode(seal(order));
    expect(thrown(() => read({}, { text: 'null,"id":"evil"', headers }))).toMatchObject({ code: 'not-json' });
    expect(thrown(() => read({}, { text: '{"__proto__":1}', headers }))).toMatchObject({ code: 'forbidden-member' });
  });
});

describe('foreign messages', () => {
  const foreign: ForeignMessages = { source: 'legacy', id: { field: 'order.id' }, key: 'record-key', type: { header: 'X-Type' }, time: { field: 'at' } };
  const text = '{"order":{"id":7},"at":"2026-02-03T04:05:06+01:00"}';

  test('identity, key, type and time stand where the options say', () => {
    expect(read({ foreign }, { text, key: 'c-7', headers: { 'x-type': 'placed', traceparent: '00-1', other: 'x' } })).toEqual({
      topic: 'orders',
      source: 'legacy',
      id: '7',
      key: 'c-7',
      type: 'placed',
      time: '2026-02-03T03:05:06.000Z',
      data: { order: { id: 7 }, at: '2026-02-03T04:05:06+01:00' },
      headers: { traceparent: '00-1' },
    });
  });

  test('the content identifies where it is told to: member order and white space are no difference', () => {
    const byContent: ForeignMessages = { source: 'legacy', id: 'fingerprint' };
    const [a, b, c] = ['{"a":1,"b":2}', '{ "b": 2, "a": 1 }', '{"a":1,"b":3}'].map((body) => read({ foreign: byContent }, { text: body }).id);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  test.each([
    ['{"order":{}}', 'field `order.id` is missing'],
    ['{"order":{"id":{}}}', 'neither a text nor an integer'],
    ['{"order":{"id":""}}', '`id` is empty'],
    ['[]', 'field `order.id` is missing'],
    ['null', 'field `order.id` is missing'],
  ])('trap 14: %s is refused: %s', (body, why) => {
    expect(thrown(() => read({ foreign: { source: 'legacy', id: { field: 'order.id' } } }, { text: body }))).toMatchObject({
      code: 'field-missing',
      message: expect.stringContaining(why),
    });
  });

  test('what says that it is a CloudEvent is one, also where foreign messages are read', () => {
    const { body } = new Wire('sqs', 'ce_', {}).encode(seal(order));
    expect(read({ foreign }, { text: body })).toEqual(order);
  });

  test('without the option they are refused', () => {
    expect(thrown(() => read({}, { text }))).toMatchObject({ code: 'not-cloudevent' });
  });

  test('the time of the record stands in for one of its own', () => {
    expect(read({ foreign: { source: 'legacy', id: { field: 'order.id' } } }, { text, atMs: 1_000 }).time).toBe('1970-01-01T00:00:01.000Z');
  });

  test.each([
    [{ source: '', id: 'fingerprint' }, '`source`'],
    [{ source: 'x', id: 'message-id' }, '`id`'],
    [{ source: 'x', id: { field: 'a', header: 'b' } }, '`id`'],
    [{ source: 'x', id: 'fingerprint', key: { field: '' } }, '`key`'],
    [{ source: 'x', id: 'fingerprint', colour: 'x' }, 'no option `colour`'],
  ])('%j is refused', (options, why) => {
    expect(thrown(() => new Wire('kafka', 'ce_', { foreign: options as ForeignMessages }))).toMatchObject({ code: 'bad-option', message: expect.stringContaining(why) });
  });
});
