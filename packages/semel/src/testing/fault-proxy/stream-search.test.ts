import { describe, expect, test } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import { type BytePattern, StreamSearch } from './stream-search.ts';

/** Where in the whole stream the search finds its pattern; the stream comes in pieces that end at `cuts`. */
function matchesIn(stream: Buffer, pattern: BytePattern, cuts: readonly number[]): readonly (readonly [start: number, end: number])[] {
  const search = new StreamSearch(pattern);
  const ends = [...cuts, stream.length];
  return ends.flatMap((end, index) => {
    const from = ends[index - 1] ?? 0;
    const span = search.next(stream.subarray(from, end));
    return span === undefined ? [] : [[from + span.start, from + span.end] as const];
  });
}

describe('a pattern is found', () => {
  const stream = Buffer.from('begin\0commit\0begin\0');
  test.each([
    ['a text', 'commit\0'],
    ['bytes', new Uint8Array([0x63, 0x6f, 0x6d, 0x6d, 0x69, 0x74, 0])],
    ['an expression', /COMMIT\0/i],
    ['an expression that keeps a state of its own', /commit\0/gy],
  ])('%s', (_, pattern) => {
    expect(matchesIn(stream, pattern, [])).toEqual([[6, 13]]);
    expect(matchesIn(stream, pattern, [6, 13])).toEqual([[6, 13]]);
  });

  test('a text by its UTF-8, an expression by one character a byte', () => {
    expect(matchesIn(Buffer.from('grün\n'), 'ün', [])).toEqual([[2, 5]]);
    expect(matchesIn(Buffer.from([0xff, 0, 0x80]), /\xff.\x80/s, [])).toEqual([[0, 3]]);
  });

  test('an expression that matches nothing at all matches nothing', () => {
    expect(matchesIn(stream, /x*/, [])).toEqual([]);
  });

  test('from the piece on in which it ends, wherever the stream is cut', () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = seededRandom(seed);
    for (let round = 0; round < 200; round++) {
      const cuts = Array.from({ length: 4 }, () => Math.floor(random() * stream.length)).toSorted((a, b) => a - b);
      const begins = Math.max(6, ...cuts.filter((cut) => cut < 13));
      expect(matchesIn(stream, 'commit\0', cuts), `seed ${seed}, cuts ${cuts}`).toEqual([[begins, 13]]);
    }
  });

  test('over 64 KiB of earlier pieces, and not beyond', () => {
    const found = (gap: number) =>
      matchesIn(
        Buffer.from(`a${'-'.repeat(gap)}z`),
        /a-*z/,
        Array.from({ length: gap / 1024 }, (_, index) => (index + 1) * 1024),
      ).length;
    expect(found(63 * 1024)).toBe(1);
    expect(found(66 * 1024)).toBe(0);
  });
});

test('the search begins anew after a match', () => {
  const search = new StreamSearch('ab');
  expect([search.next(Buffer.from('a')), search.next(Buffer.from('b')), search.next(Buffer.from('b')), search.next(Buffer.from('ab'))]).toEqual([
    undefined,
    { start: 0, end: 1 },
    undefined,
    { start: 0, end: 2 },
  ]);
});
