import { describe, expect, expectTypeOf, it } from 'vitest';
import { isSemelError } from './errors.ts';
import type { StandardSchema } from './standard-schema.ts';
import { type AnyTopic, identify, type Topic, type TopicInput, type TopicOutput, topic, typeOf } from './topic.ts';

const schemaOf = <Input, Output = Input>(): StandardSchema<Input, Output> => ({ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Output }) } });

interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly parentId?: string | null;
  readonly customer?: { readonly name: string };
  readonly lines?: readonly { readonly sku: string }[];
}

const Orders = schemaOf<Order, { readonly parsed: Order }>();
const orders = topic('orders', { schema: Orders, id: (o) => `${o.orderId}/placed`, key: (o) => o.customerId });
const order: Order = { orderId: 'o-1', customerId: 'c-1' };

let calls = 0;

const refusal = (run: () => unknown): { readonly code: string; readonly message: string } => {
  try {
    run();
  } catch (error) {
    if (isSemelError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('topic', () => {
  it("types id and key by the schema's input, publish by the input, handlers by the output", () => {
    expectTypeOf(orders).toEqualTypeOf<Topic<Order, { readonly parsed: Order }>>();
    expectTypeOf<TopicInput<typeof orders>>().toEqualTypeOf<Order>();
    expectTypeOf<TopicOutput<typeof orders>>().toEqualTypeOf<{ readonly parsed: Order }>();
    expectTypeOf(orders).toExtend<AnyTopic>();
    // @ts-expect-error a member that the input lacks
    topic('typos', { schema: Orders, id: (o) => o.orderid });
  });

  it('types several events as their union, and each function by its own schema', () => {
    const several = topic('orders', {
      types: { 'order.placed': { schema: schemaOf<{ a: string }>(), id: (p) => p.a }, 'order.cancelled.v2': { schema: schemaOf<{ b: string }>(), id: (c) => c.b } },
    });
    expectTypeOf<TopicInput<typeof several>>().toEqualTypeOf<{ a: string } | { b: string }>();
    expect([...several.types.keys()]).toEqual(['order.placed', 'order.cancelled.v2']);
    expect(identify(several, { b: 'x' }, { type: 'order.cancelled.v2' })).toEqual({ type: 'order.cancelled.v2', id: 'x', key: undefined });
  });

  it('is frozen, and ordered where a type has a key', () => {
    expect(Object.isFrozen(orders)).toBe(true);
    expect(orders).toMatchObject({ name: 'orders', ordered: true });
    expect(topic('logs', { schema: Orders, type: 'log.line', source: 'https://example.org/logs' })).toMatchObject({ ordered: false, source: 'https://example.org/logs' });
    expect(topic('logs', { types: { a: { schema: Orders }, b: { schema: Orders, key: (o) => o.customerId } }, source: 's' })).toMatchObject({ ordered: true, source: 's' });
  });

  it.each([
    ['name', 'Orders', { schema: Orders }],
    ['name', `a${'b'.repeat(100)}`, { schema: Orders }],
    ['shema', 'orders', { shema: Orders }],
    ['schema', 'orders', { schema: {} }],
    ['schema', 'orders', {}],
    ['id', 'orders', { schema: Orders, id: 'orderId' }],
    ['key', 'orders', { schema: Orders, key: 'customerId' }],
    ['type', 'orders', { schema: Orders, type: 'order placed' }],
    ['source', 'orders', { schema: Orders, source: 7 }],
    ['types', 'orders', { types: {} }],
    ['schema', 'orders', { types: {}, schema: Orders }],
    ['source', 'orders', { types: { placed: { schema: Orders, source: 'x' } } }],
    ['type', 'orders', { types: { 'a\nb': { schema: Orders } } }],
  ])('refuses a bad %s', (option, name, definition) => {
    const { code, message } = refusal(() => topic(name, definition as never));
    expect(code).toBe('bad-option');
    expect(message).toContain(option);
  });

  it('refuses an empty source', () => {
    expect(refusal(() => topic('orders', { schema: Orders, source: '' })).code).toBe('field-missing');
  });
});

describe('typeOf', () => {
  const several = topic('orders', { types: { placed: { schema: Orders }, cancelled: { schema: Orders } } });

  it('is the only type, or the one that was named', () => {
    expect(typeOf(orders).type).toBe('orders');
    expect(typeOf(orders, 'orders').type).toBe('orders');
    expect(typeOf(several, 'cancelled').type).toBe('cancelled');
  });

  it.each([
    [orders, 'placed', /no type "placed"; it declares orders/],
    [several, 'shipped', /no type "shipped"; it declares placed, cancelled/],
    [several, undefined, /several types, and none was given; it declares placed, cancelled/],
  ])('names the types that it knows (%#)', (declared, type, words) => {
    const { code, message } = refusal(() => typeOf(declared as AnyTopic, type));
    expect(code).toBe('unknown-type');
    expect(message).toMatch(words);
  });
});

describe('identify', () => {
  const made = (id: (data: Order) => unknown, data: unknown = order): string | undefined => identify(topic('orders', { schema: Orders, id: id as never }), data).id;

  it('derives id and key, and lets what is given win', () => {
    expect(identify(orders, order)).toEqual({ type: 'orders', id: 'o-1/placed', key: 'c-1' });
    expect(identify(orders, order, { id: 'mine', key: 'k' })).toEqual({ type: 'orders', id: 'mine', key: 'k' });
    expect(identify(topic('plain', { schema: Orders }), order)).toEqual({ type: 'plain', id: undefined, key: undefined });
  });

  it.each<[string, () => string | number]>([
    ['chance', () => Math.random()],
    ['a counter', () => ++calls],
  ])('refuses, at the first publish, an id with %s in it', (_, id) => {
    expect(refusal(() => made(id))).toMatchObject({ code: 'identity-unstable', message: expect.stringContaining('topic orders gave two ids for the same data') });
  });

  it('asks an id function twice the first time, and once from then on', () => {
    const before = calls;
    const id = ({ orderId }: Order) => {
      calls++;
      return orderId;
    };
    const counted = topic('orders', { schema: Orders, id });
    for (let time = 0; time < 3; time++) identify(counted, order);
    expect(calls - before).toBe(4);
  });

  it('takes numbers', () => {
    expect(made(() => 17)).toBe('17');
    expect(made(() => -17)).toBe('-17');
    expect(made(() => 0)).toBe('0');
  });

  it.each<[string, (o: Order) => unknown]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['empty', () => ''],
    ['NaN', () => Number.NaN],
    ['infinite', () => Number.POSITIVE_INFINITY],
    ['an object', () => ({})],
    ['a promise', async () => 'x'],
  ])('trap 14: refuses an id that is %s, naming topic and field', (_, id) => {
    const { code, message } = refusal(() => made(id));
    expect(code).toBe('field-missing');
    expect(message).toMatch(/topic orders: the `id` function/);
  });

  it.each<[string, (o: Order) => unknown, unknown, string]>([
    ['a template prints undefined', (o) => `${o.orderId}/placed`, { customerId: 'c' }, '$.orderId'],
    ['a template prints null', (o) => `${o.orderId}/${o.parentId}`, { orderId: 'o', parentId: null }, '$.parentId'],
    ['a template prints NaN', (o) => `${Number(o.orderId)}-${o.customerId}`, { orderId: Number.NaN, customerId: 'c' }, '$.orderId'],
    ['a template prints nothing', (o) => `${o.customerId}/${o.orderId}`, { orderId: '', customerId: 'c' }, '$.orderId'],
    ['a template starts with nothing', (o) => `${o.orderId}/placed`, { orderId: '' }, '$.orderId'],
    ['nothing stands between', (o) => `a:${o.orderId}:b`, { orderId: '' }, '$.orderId'],
    ['it is the member itself', (o) => o.orderId, {}, '$.orderId'],
    ['the member is nested', (o) => `${o.customer?.name}/x`, { customer: {} }, '$.customer.name'],
    ['the member is in an array', (o) => o.lines?.map((line) => line.sku).join('-'), { lines: [{ sku: 'a' }, {}] }, '$.lines[1].sku'],
    ['the data is frozen', (o) => `${o.customer?.name}/x`, Object.freeze({ customer: Object.freeze({ name: undefined }) }), '$.customer.name'],
    ['an array is joined', (o) => [o.customerId, o.orderId].join('/'), { customerId: 'c' }, '$.orderId'],
  ])('trap 14: refuses an id made from an absent member, and names it: %s', (_, id, data, member) => {
    const { code, message } = refusal(() => made(id, data));
    expect(code).toBe('field-missing');
    expect(message).toContain(member);
  });

  it('accepts data that only looks like an absent member', () => {
    expect(made((o) => o.customerId, { customerId: 'Null island, null' })).toBe('Null island, null');
    expect(made((o) => `${o.orderId}/placed`, { orderId: 'undefined' })).toBe('undefined/placed');
    expect(made((o) => `${o.orderId}/`, { orderId: 'a--b' })).toBe('a--b/');
  });

  it('accepts a function that reads an absent member and goes on to another', () => {
    expect(made((o) => o.parentId ?? o.orderId, { orderId: 'null-1' })).toBe('null-1');
    expect(made((o) => o.parentId ?? o.orderId, { orderId: -17 })).toBe('-17');
    expect(made((o) => `${o.parentId || o.orderId}/placed`, { parentId: '', orderId: 'https://example.org/a, b/' })).toBe('https://example.org/a, b//placed');
  });

  it('watches data with methods, getters and private fields', () => {
    class Placed {
      readonly #id = 'null-1';
      readonly at = new Date(0);
      get orderId(): string {
        return this.#id;
      }
      day(): string {
        return this.at.toISOString().slice(0, 10);
      }
    }
    expect(made((o) => `${o.orderId}/${(o as unknown as Placed).day()}`, new Placed())).toBe('null-1/1970-01-01');
    expect(made((o) => `null/${Object.keys(o).length}`, new Placed())).toBe('null/1');
  });

  it('takes data that is no object', () => {
    expect(made((o) => `${o}`, 'null')).toBe('null');
    expect(refusal(() => made((o) => `${o}`, '')).code).toBe('field-missing');
  });

  it.each([
    [{ id: '' }, 'field-missing'],
    [{ key: '' }, 'field-missing'],
    [{ id: 'x'.repeat(1_025) }, 'too-large'],
    [{ key: '\ud800' }, 'not-json'],
    [{ type: 'other' }, 'unknown-type'],
  ])('refuses what is given and cannot identify: %o', (given, code) => {
    expect(refusal(() => identify(orders, order, given)).code).toBe(code);
  });
});
