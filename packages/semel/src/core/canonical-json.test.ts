import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { isSemelError } from './errors.ts';

const refusal = (value: unknown, maxDepth?: number): string => {
  try {
    canonicalJson(value, maxDepth);
  } catch (error) {
    if (isSemelError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
};

/** RFC 8785, Appendix B: the bits of a double, and how it is written; null where it must be refused. */
const NUMBERS: readonly (readonly [bits: string, text: string | null])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['7fffffffffffffff', null],
  ['7ff0000000000000', null],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

const fromBits = (bits: string): number => new DataView(new BigUint64Array([BigInt(`0x${bits}`)]).buffer).getFloat64(0, true);

describe('RFC 8785', () => {
  it.each(NUMBERS)('Appendix B: %s is %s', (bits, text) => {
    if (text === null) expect(refusal(fromBits(bits))).toMatch(/^not-json: \$ is (NaN|Infinity)/);
    else expect(canonicalJson(fromBits(bits))).toBe(text);
  });

  it('section 3.2.2: literals, numbers and strings', () => {
    const given = JSON.parse(String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`);
    const bytes =
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d';
    expect(Buffer.from(canonicalJson(given)).toString('hex')).toBe(bytes);
  });

  it('section 3.2.3: names are sorted by UTF-16 code units, not by code points or locale', () => {
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    const given = Object.fromEntries([...sorted].reverse().map((name) => [name, name.length]));
    expect(canonicalJson(given)).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:${name.length}`).join(',')}}`);
    expect(canonicalJson({ peach: 1, péché: 2, pêche: 3, sin: 4, Sin: 5 })).toBe('{"Sin":5,"peach":1,"péché":2,"pêche":3,"sin":4}');
  });

  it('sorts names that look like numbers as text, at every depth', () => {
    expect(canonicalJson([56, { d: true, 10: null, 1: [], '': { b: 1, B: 2 } }])).toBe('[56,{"":{"B":2,"b":1},"1":[],"10":null,"d":true}]');
  });

  it('leaves Unicode as it was: no normal form, no escapes beyond the needed', () => {
    expect(canonicalJson('A\u030a\u007f\u2028</script>')).toBe('"A\u030a\u007f\u2028</script>"');
    expect(canonicalJson('\b\t\n\f\r\u0000\u001f"\\')).toBe(String.raw`"\b\t\n\f\r\u0000\u001f\"\\"`);
    expect(canonicalJson('\u{1f602}')).toBe('"\u{1f602}"');
  });
});

describe('as JSON.stringify does', () => {
  it('leaves out undefined members, writes undefined items as null, and asks toJSON once', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, 1], c: null })).toBe('{"a":[null,1],"c":null}');
    expect(canonicalJson({ at: new Date(0), price: { toJSON: (name: string) => ({ name }) } })).toBe('{"at":"1970-01-01T00:00:00.000Z","price":{"name":"price"}}');
    expect(canonicalJson({ a: { toJSON: () => undefined }, b: Object.create(null), c: Buffer.from('a') })).toBe('{"b":{},"c":{"data":[97],"type":"Buffer"}}');
  });

  it('takes one object in two places: that is no cycle', () => {
    const shared = { a: 1 };
    expect(canonicalJson([shared, { shared }])).toBe('[{"a":1},{"shared":{"a":1}}]');
  });
});

describe('what JSON cannot carry', () => {
  class Secret {
    readonly token = Symbol('token');
  }

  it.each<[unknown, string]>([
    [undefined, 'not-json: the value is undefined'],
    [{ toJSON: () => undefined }, 'not-json: the value is undefined'],
    [() => 1, 'not-json: $ is a function'],
    [{ a: [{ b: 1n }] }, 'not-json: $.a[0].b is a bigint'],
    [new Secret(), 'not-json: $.token is a symbol'],
    [{ a: [1, Number.NaN] }, 'not-json: $.a[1] is NaN'],
    [[Number.NEGATIVE_INFINITY], 'not-json: $[0] is -Infinity'],
    [{ a: 'x\ud800' }, 'not-json: $.a holds half of a surrogate pair'],
    [{ '\udc00': 1 }, 'not-json: $["\\udc00"] holds half of a surrogate pair'],
    [{ a: new Map([[1, 2]]) }, 'not-json: $.a is a Map'],
    [new Set([1]), 'not-json: $ is a Set'],
    [{ order: Promise.resolve(1) }, 'not-json: $.order is a Promise'],
    [JSON.parse('{"a":{"__proto__":{"admin":true}}}'), 'forbidden-member: $.a.__proto__'],
  ])('is refused with its path (%#)', (value, words) => {
    expect(refusal(value)).toContain(words);
  });

  it('refuses cycles, naming where they begin', () => {
    const order: Record<string, unknown> = { id: 1 };
    order.lines = [{ order }];
    expect(refusal({ data: order })).toBe('not-json: $.data contains itself');
    expect(refusal(order)).toBe('not-json: $ contains itself');
    const endless = { toJSON: (): unknown => [endless] };
    expect(refusal(endless)).toMatch(/^too-deep/);
  });

  it('trap 36: bounds the depth', () => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(canonicalJson(nested(64))).toHaveLength(128);
    expect(refusal(nested(65))).toMatch(/^too-deep: \$(\[0\]){64} nests deeper than 64 levels$/);
    expect(refusal([[]], 1)).toMatch(/^too-deep/);
  });
});

describe('for any JSON', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, shuffled(member)]),
    );
  };
  const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('__proto__'));

  it('reads back as the same value', () => {
    fc.assert(fc.property(json, (value) => void expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  it('is its own canonical form', () => {
    fc.assert(fc.property(json, (value) => void expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))));
  });

  it('does not depend on the order of members', () => {
    fc.assert(fc.property(json, (value) => void expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))));
  });

  it('writes every string as JSON.stringify does', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(canonicalJson(text)).toBe(JSON.stringify(text))));
  });
});
