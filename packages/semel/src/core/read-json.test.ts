import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { isSemelError, type SemelError } from './errors.ts';
import { type JsonLimits, readJson } from './read-json.ts';

const bytes = (...codes: readonly number[]): Uint8Array => new Uint8Array(codes);

/** Anything but a SemelError fails the test. */
function refusalOf(input: Uint8Array | string, limits?: JsonLimits): SemelError | undefined {
  try {
    readJson(input, limits);
  } catch (error) {
    if (isSemelError(error)) return error;
    throw error;
  }
  return undefined;
}

describe('readJson', () => {
  it.each(['null', 'true', 'false', '0', '-0', '-1.5e-3', '1E5', '""', String.raw`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`, '[]', '{}', ' [ 1 , { "a" : [ ] } ]\r\n\t'])(
    'reads %s',
    (text) => {
      expect(readJson(text)).toEqual(JSON.parse(text));
      expect(readJson(new TextEncoder().encode(text))).toEqual(JSON.parse(text));
    },
  );

  it('takes `constructor` and `prototype`: as members of their own they change nothing', () => {
    expect(readJson('{"constructor":{"prototype":1},"__proto":2}')).toEqual(JSON.parse('{"constructor":{"prototype":1},"__proto":2}'));
  });

  it.each<[string | Uint8Array, number]>([
    ['', 0],
    ['  ', 2],
    ['{', 1],
    ['{"a"', 4],
    ['{"a":', 5],
    ['{"a":1', 6],
    ['{"a":1,', 7],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ["{'a':1}", 1],
    ['{"a" 1}', 5],
    ['{"a":1 "b":2}', 7],
    ['[', 1],
    ['[1', 2],
    ['[1,]', 3],
    ['[,1]', 1],
    ['[1 2]', 3],
    ['[1]]', 3],
    ['"a', 2],
    ['"\\', 1],
    ['"\\x"', 1],
    ['"\\u12g4"', 1],
    ['"a\u0001"', 2],
    ['"a\n"', 2],
    ['01', 1],
    ['-', 1],
    ['-a', 1],
    ['1.', 1],
    ['.5', 0],
    ['+1', 0],
    ['1e', 1],
    ['0x1', 1],
    ['NaN', 0],
    ['Infinity', 0],
    ['undefined', 0],
    ['nul', 0],
    ['True', 0],
    ['true1', 4],
    ['1//', 1],
    ['\ufeff1', 0],
    ['\u00a01', 0],
    ['"\\ud800"', 0],
    ['["\\udc00\\ud800"]', 1],
    ['"\ud800"', 0],
    [bytes(0x22, 0xff, 0x22), 1],
    [bytes(0x22, 0xc0, 0xaf, 0x22), 1],
    [bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 1],
    [bytes(0x22, 0xef, 0xbf), 3],
    [bytes(0xef, 0xbb, 0xbf, 0x31), 0],
    [bytes(0xfe, 0xff, 0x00, 0x31), 0],
  ])('trap 36: refuses %j as not-json at offset %i', (input, offset) => {
    const refused = refusalOf(input);
    expect(refused?.code).toBe('not-json');
    expect(refused?.details.offset).toBe(offset);
  });

  it.each<[string, string, string]>([
    ['{"__proto__":1}', 'forbidden-member', '$.__proto__'],
    ['[1,{"a":{"\\u005f_prot\\u006f__":1}}]', 'forbidden-member', '$[1].a.__proto__'],
    ['{"a":1,"b":[{"c":"}"},2],"a":3}', 'duplicate-member', '$.a'],
    ['{"x":{"a\\"]":1,"a\\u0022]":2}}', 'duplicate-member', '$.x["a\\"]"]'],
    ['{"x":[],"y":["\\\\",{"":1,"":2}]}', 'duplicate-member', '$.y[1][""]'],
    ['9007199254740993', 'unsafe-number', '$'],
    ['{"id":-9007199254740993}', 'unsafe-number', '$.id'],
    ['[0,12345678901234567890]', 'unsafe-number', '$[1]'],
    ['1e400', 'unsafe-number', '$'],
    ['[{"a":-1E999}]', 'unsafe-number', '$[0].a'],
    [`1${'0'.repeat(400)}`, 'unsafe-number', '$'],
  ])('trap 36: refuses %s as %s at %s', (text, code, path) => {
    const refused = refusalOf(text);
    expect(refused?.code).toBe(code);
    expect(refused?.details.path).toBe(path);
    expect(refused?.message).toContain(`at ${path}, offset `);
  });

  it('takes large integers that a double carries unchanged: JSON.stringify writes such ones', () => {
    expect(readJson('[9007199254740991,9007199254740992,100000000000000000000]')).toEqual([2 ** 53 - 1, 2 ** 53, 1e20]);
  });

  it('trap 36: bounds bytes and depth', () => {
    expect(refusalOf(`"${'é'.repeat(5)}"`, { maxBytes: 11 })?.code).toBe('too-large');
    expect(refusalOf(`"${'é'.repeat(5)}"`, { maxBytes: 12 })).toBeUndefined();
    expect(refusalOf(new Uint8Array(1_048_577))?.code).toBe('too-large');
    expect(refusalOf('['.repeat(64) + ']'.repeat(64))).toBeUndefined();
    expect(refusalOf('['.repeat(65) + ']'.repeat(65))?.code).toBe('too-deep');
    expect(refusalOf('{"a":'.repeat(1_000_000), { maxBytes: 1e8, maxDepth: Number.POSITIVE_INFINITY })?.code).toBe('too-deep');
    expect(refusalOf('{"a":[]}', { maxDepth: 1 })?.details.path).toBe('$.a');
  });

  it('never tells the content', () => {
    for (const text of ['{"a":"hunter2"', '["hunter2",hunter2]', '{"a":"hunter2","a":"hunter2"}', '["hunter2\\ud800"]', '"hunter2"x'])
      expect(refusalOf(text)?.message).not.toContain('hunter2');
  });

  it('stands long strings and numbers without a deep stack', () => {
    const limits = { maxBytes: 64_000_000 };
    expect(readJson(`"${'\\n'.repeat(10_000_000)}"`, limits)).toHaveLength(10_000_000);
    expect(readJson(`0.${'1'.repeat(20_000_000)}`, limits)).toBeCloseTo(1 / 9);
    expect(refusalOf(`{"${'a'.repeat(20_000_000)}":01}`, limits)?.code).toBe('not-json');
  });
});

describe('for any text', () => {
  const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('__proto__'));
  /** Marks that matter to the grammar come far more often than chance would bring them. */
  const shard = fc.oneof(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '-', '0', '1', '.', 'e', '+', 'null', 'true', 'false', ' ', '\n', '"a"', '"__proto__"', '\\ud83d', '9007199254740993'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const soup = fc.array(shard, { maxLength: 20 }).map((shards) => shards.join(''));
  const mutated = fc.tuple(json, fc.nat(), fc.nat(4), shard).map(([value, at, cut, put]) => {
    const text = JSON.stringify(value);
    const from = at % (text.length + 1);
    return text.slice(0, from) + put + text.slice(from + cut);
  });

  /** JSON.parse says whether it is JSON; canonicalJson, whether it is Unicode. */
  function isJson(text: string): boolean {
    try {
      canonicalJson(JSON.parse(text), Number.POSITIVE_INFINITY);
      return true;
    } catch (error) {
      return isSemelError(error) && error.code !== 'not-json';
    }
  }

  it('reads back whatever JSON.stringify wrote', () => {
    fc.assert(fc.property(json, (value) => void expect(readJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))));
    fc.assert(fc.property(json, (value) => void expect(readJson(new TextEncoder().encode(JSON.stringify(value, null, 2)))).toEqual(JSON.parse(JSON.stringify(value)))));
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => void expect(readJson(JSON.stringify(value))).toBe(JSON.parse(JSON.stringify(value)))));
  });

  it('agrees with JSON.parse on what is JSON, and refuses by SemelErrors alone', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, soup), (text) => {
        const refused = refusalOf(text);
        if (refused === undefined) expect(readJson(text)).toEqual(JSON.parse(text));
        // The other refusals can come before a fault of the grammar is reached.
        if (refused === undefined || refused.code === 'not-json') expect(isJson(text)).toBe(refused === undefined);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes any bytes, and refuses by SemelErrors alone', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (input) => void refusalOf(input)));
  });

  it('hands out only what can be sealed', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, soup), (text) => refusalOf(text) !== undefined || typeof canonicalJson(readJson(text)) === 'string'),
      { numRuns: 1_000 },
    );
  });

  it('finds every repeated name, however it is escaped', () => {
    const escaped = (name: string) => `"${[...name].map((_, index) => `\\u${name.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`;
    const name = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => !text.includes('__proto__'));
    fc.assert(
      fc.property(name, json, (text, value) => void expect(refusalOf(`[{${JSON.stringify(text)}:${JSON.stringify(value)},${escaped(text)}:0}]`)?.code).toBe('duplicate-member')),
    );
  });
});
