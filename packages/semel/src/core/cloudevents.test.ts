import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHeaders, decodeCloudEvent, encodeCloudEvent, fromCloudEvent, toCloudEvent } from './cloudevents.ts';
import type { Message } from './message.ts';
import { seal } from './seal.ts';

const message: Message = {
  topic: 'orders',
  id: 'o-1/placed',
  source: 'shop/orders',
  type: 'order.placed',
  time: '2026-01-02T03:04:05.678Z',
  key: 'c-1',
  data: { orderId: 'o-1', cents: 1299 },
  headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', correlationid: 'x "quoted"' },
};
const event = toCloudEvent(message);
const without = (name: string): Record<string, unknown> => Object.fromEntries(Object.entries(event).filter(([other]) => other !== name));
const refuses = (code: string, words: string | RegExp = '') => expect.objectContaining({ code, message: expect.stringMatching(words) });

describe('encoding', () => {
  it('writes CloudEvents 1.0, the data as it was sealed', () => {
    expect(encodeCloudEvent(seal(message))).toBe(
      '{"specversion":"1.0","id":"o-1/placed","source":"shop/orders","type":"order.placed","time":"2026-01-02T03:04:05.678Z","datacontenttype":"application/json",' +
        '"partitionkey":"c-1","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","correlationid":"x \\"quoted\\"","data":{"cents":1299,"orderId":"o-1"}}',
    );
    expect(JSON.parse(encodeCloudEvent(seal(message)))).toEqual(event);
  });

  it('has no partitionkey without a key', () => {
    const { key: _, ...keyless } = message;
    expect(toCloudEvent(keyless)).not.toHaveProperty('partitionkey');
  });
});

describe('round trip', () => {
  const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
  const messages = fc.record(
    {
      topic: fc.constant('orders'),
      id: text,
      source: text,
      type: fc.stringMatching(/^[a-z.]{1,20}$/),
      time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }).map((date) => date.toISOString()),
      key: text,
      data: fc.jsonValue({ maxDepth: 3 }).filter((data) => !JSON.stringify(data).includes('__proto__')),
      headers: fc.dictionary(fc.stringMatching(/^x[a-z0-9]{1,10}$/), fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
    },
    { requiredKeys: ['topic', 'id', 'source', 'type', 'time', 'data', 'headers'] },
  );

  it('gives back every message', () => {
    fc.assert(
      fc.property(messages, (sent) => {
        const wire = encodeCloudEvent(seal(sent as Message));
        const normal = { ...sent, data: JSON.parse(JSON.stringify(sent.data)) };
        expect(decodeCloudEvent(wire, 'orders')).toEqual(normal);
        expect(decodeCloudEvent(new TextEncoder().encode(wire), 'orders')).toEqual(normal);
      }),
    );
  });

  it('takes data as deep as could be sealed', () => {
    const data: unknown = JSON.parse('['.repeat(64) + ']'.repeat(64));
    const wire = encodeCloudEvent(seal({ ...message, data }));
    expect(decodeCloudEvent(wire, 'orders').data).toEqual(data);
    expect(() => decodeCloudEvent(wire, 'orders', { maxDepth: 63 })).toThrow(refuses('too-deep'));
  });
});

describe('decoding', () => {
  it('takes the least that CloudEvents asks for', () => {
    const least = { specversion: '1.0', id: '1', source: 's', type: 't' };
    expect(fromCloudEvent(least, 'orders')).toEqual({ topic: 'orders', id: '1', source: 's', type: 't', time: '1970-01-01T00:00:00.000Z', data: null, headers: {} });
    expect(decodeCloudEvent(JSON.stringify(least), 'orders', { receivedAtMs: 1_000 }).time).toBe('1970-01-01T00:00:01.000Z');
  });

  it('turns extension attributes into headers, scalars into text, and null into nothing', () => {
    const { headers } = fromCloudEvent({ ...event, sequence: 7, sampled: true, subject: 's', dataschema: 'https://example.org/s', nothing: null, partitionkey: null }, 'orders');
    expect(headers).toEqual({ ...message.headers, sequence: '7', sampled: 'true', subject: 's', dataschema: 'https://example.org/s' });
    expect(Object.isFrozen(headers)).toBe(true);
    expect(fromCloudEvent({ ...event, partitionkey: 7 }, 'orders').key).toBe('7');
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456789Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
    ['2026-01-02t03:04:05z', '2026-01-02T03:04:05.000Z'],
  ])('reads the time %s in UTC', (time, utc) => {
    expect(fromCloudEvent({ ...event, time }, 'orders').time).toBe(utc);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.shop.order+json', 'Application/JSON'])('takes the content type %s', (datacontenttype) => {
    expect(fromCloudEvent({ ...event, datacontenttype }, 'orders').data).toEqual(message.data);
  });

  it.each(['id', 'source', 'type', 'specversion'])('refuses an event without %s, naming it', (name) => {
    expect(() => fromCloudEvent(without(name), 'orders')).toThrow(refuses('not-cloudevent', `\`${name}\` is missing`));
    expect(() => fromCloudEvent({ ...event, [name]: 7 }, 'orders')).toThrow(refuses('not-cloudevent', `\`${name}\` is`));
  });

  it.each(['id', 'source', 'partitionkey'])('trap 14: refuses an empty %s, and bounds it', (name) => {
    expect(() => fromCloudEvent({ ...event, [name]: '' }, 'orders')).toThrow(refuses('field-missing', name));
    expect(() => fromCloudEvent({ ...event, [name]: 'x'.repeat(1_025) }, 'orders')).toThrow(refuses('too-large', name));
    expect(() => fromCloudEvent({ ...event, [name]: '\ud800' }, 'orders')).toThrow(refuses('not-json', name));
    expect(() => fromCloudEvent({ ...event, [name]: 'x'.repeat(1_024) }, 'orders')).not.toThrow();
  });

  it.each<[string, object]>([
    ['specversion', { specversion: '0.3' }],
    ['data_base64', { data_base64: 'e30=' }],
    ['datacontenttype', { datacontenttype: 'text/xml' }],
    ['datacontenttype', { datacontenttype: {} }],
    ['time', { time: 'yesterday' }],
    ['time', { time: '2026-13-01T00:00:00Z' }],
    ['time', { time: '2026-01-01' }],
    ['type', { type: '' }],
    ['type', { type: 'a\nb' }],
    ['partitionkey', { partitionkey: ['k'] }],
    ['nested', { nested: { a: 1 } }],
    ['Upper', { Upper: 'x' }],
    ['snake_case', { snake_case: 'x' }],
  ])('refuses a bad %s', (name, change) => {
    expect(() => fromCloudEvent({ ...event, ...change }, 'orders')).toThrow(refuses('not-cloudevent', name));
  });

  it.each([[null], [[]], ['{}'], [7]])('refuses %o for an event', (value) => {
    expect(() => fromCloudEvent(value, 'orders')).toThrow(refuses('not-cloudevent'));
  });

  it('trap 36: refuses hostile JSON as readJson does', () => {
    expect(() => decodeCloudEvent('{"id":1,"id":2}', 'orders')).toThrow(refuses('duplicate-member'));
    expect(() => decodeCloudEvent('{"data":{"__proto__":{}}}', 'orders')).toThrow(refuses('forbidden-member'));
    expect(() => decodeCloudEvent(encodeCloudEvent(seal(message)), 'orders', { maxBytes: 100 })).toThrow(refuses('too-large'));
  });
});

describe('checkHeaders', () => {
  it('copies and freezes', () => {
    const given = { tenant: 'a' };
    const checked = checkHeaders(given);
    given.tenant = 'b';
    expect(checked).toEqual({ tenant: 'a' });
    expect(Object.isFrozen(checked)).toBe(true);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ Tenant: 'a' }, 'Tenant'],
    [{ '': 'a' }, 'header ""'],
    [{ ['x'.repeat(65)]: 'a' }, 'x{64}"'],
    [{ id: 'a' }, 'field of the message'],
    [{ data: 'a' }, 'field of the message'],
    [{ partitionkey: 'a' }, 'field of the message'],
    [{ tenant: 7 }, 'tenant'],
    [{ tenant: '\ud800' }, 'tenant'],
  ])('refuses %o', (headers, words) => {
    expect(() => checkHeaders(headers as Record<string, string>)).toThrow(refuses('bad-option', words));
  });
});
