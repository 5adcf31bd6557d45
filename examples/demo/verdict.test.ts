import { describe, expect, it } from 'vitest';
import type { Mode } from './mode.ts';
import { objections, type Run } from './verdict.ts';

const run = (mode: Mode, lost: number, duplicated: number, kills = 5): Run => ({ mode, messages: 100, deliveries: 120, kills, lost, duplicated, exact: lost + duplicated === 0 });

describe('objections', () => {
  it('has none where the controls fail and Semel does not', () => {
    expect(objections([run('acknowledge-first', 1, 0), run('acknowledge-after', 0, 1), run('semel', 0, 0)])).toEqual([]);
  });

  it.each([
    ['a loss', run('semel', 1, 0)],
    ['a double charge', run('semel', 0, 1)],
  ])('objects to %s with Semel', (_, semel) => {
    expect(objections([semel])).toEqual([expect.stringContaining('That is a bug')]);
  });

  it('objects to a control that does not show its fault, whatever else it shows', () => {
    expect(objections([run('acknowledge-first', 0, 9), run('acknowledge-after', 9, 0)])).toEqual([
      'acknowledge-first lost nothing, so this run proves nothing.',
      'acknowledge-after charged nothing twice, so this run proves nothing.',
    ]);
  });

  it('says why, where nobody was killed', () => {
    expect(objections([run('acknowledge-first', 0, 0, 0)])).toEqual(['acknowledge-first lost nothing, so this run proves nothing. No process was killed; try a larger --kills.']);
  });
});
