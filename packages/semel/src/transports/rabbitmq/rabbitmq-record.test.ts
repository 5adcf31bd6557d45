import { expect, test } from 'vitest';
import { seal } from '../../core/seal.ts';
import { Wire } from '../../core/wire.ts';
import { HEADER_PREFIX, propertiesOf, recordOf } from './rabbitmq-record.ts';

const sealed = seal({ topic: 'orders', source: 'shop/orders', id: 'o-1', type: 'placed', time: '2026-01-01T00:00:00.500Z', key: 'c-1', data: { n: 1 }, headers: {} });
const FIELDS = { deliveryTag: 1, redelivered: false, exchange: 'orders', routingKey: 'placed' };

test('attributes are written as the binding to AMQP spells them, and read in either of its forms', () => {
  const wire = new Wire('test', HEADER_PREFIX, { format: 'binary' });
  const outgoing = wire.encode(sealed);
  const { headers, ...rest } = propertiesOf(sealed, outgoing);
  expect(headers).toMatchObject({ cloudEvents_specversion: '1.0', cloudEvents_id: 'o-1', cloudEvents_partitionkey: 'c-1' });
  expect(rest).toEqual({ persistent: true, mandatory: true, contentType: 'application/json', timestamp: 1_767_225_600, messageId: 'o-1' });
  for (const prefix of ['cloudEvents_', 'cloudEvents:']) {
    const spelt = Object.fromEntries(Object.entries(headers as object).map(([name, value]) => [name.replace('cloudEvents_', prefix), value]));
    const content = wire.content(recordOf({ content: Buffer.from(outgoing.body), fields: FIELDS, properties: { headers: spelt, contentType: rest['contentType'] } }), 'orders');
    expect('decode' in content && content.decode?.({})).toEqual(sealed.message);
  }
});

test('an id that is too long for a property stands in the event alone', () => {
  const long = seal({ ...sealed.message, id: 'x'.repeat(256) });
  expect(propertiesOf(long, new Wire('test', HEADER_PREFIX, {}).encode(long))).not.toHaveProperty('messageId');
});

test('properties of foreign messages are at hand as headers, and what is no text is left out', () => {
  const properties = { headers: { 'X-Shop': 'web', tries: 3, list: [1], none: null }, contentType: 'text/json', messageId: 'm-1', timestamp: 1_700_000_000 };
  const record = recordOf({ content: Buffer.from('{}'), fields: FIELDS, properties });
  expect(record).toMatchObject({ headers: { 'x-shop': 'web', tries: '3', 'content-type': 'text/json', 'message-id': 'm-1' }, key: 'placed', atMs: 1_700_000_000_000 });
  expect(Object.keys(record.headers)).toHaveLength(4);
});
