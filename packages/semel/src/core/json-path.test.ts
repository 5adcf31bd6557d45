import { describe, expect, it } from 'vitest';
import { jsonPath } from './json-path.ts';

describe('jsonPath', () => {
  it.each<[readonly PropertyKey[], string]>([
    [[], '$'],
    [['lines', 3, 'sku'], '$.lines[3].sku'],
    [['a b', '', '"'], '$["a b"][""]["\\""]'],
    [['7', Symbol('s')], '$["7"]["Symbol(s)"]'],
    [['\n\ud800'], '$["\\n\\ud800"]'],
    [['x'.repeat(100)], `$["${'x'.repeat(64)}…"]`],
  ])('writes path %#', (steps, path) => {
    expect(jsonPath(steps)).toBe(path);
  });

  it('is bounded', () => {
    expect(jsonPath(Array.from({ length: 1_000 }, () => 'name')).length).toBeLessThanOrEqual(301);
  });
});
