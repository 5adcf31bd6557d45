import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { table } from './table.ts';

it('shows the runs side by side', () => {
  const text = table([
    { mode: 'acknowledge-first', messages: 300, deliveries: 371, kills: 15, lost: 11, duplicated: 15, exact: false },
    { mode: 'semel', messages: 300, deliveries: 455, kills: 15, lost: 0, duplicated: 0, exact: true },
  ]);
  expect(stripVTControlCharacters(text).split('\n')).toEqual([
    '                         acknowledge first   Semel',
    'payments                               300     300',
    'delivered                              371     455',
    'crashes                                 15      15',
    'lost                                    11       0',
    'charged more than once                  15       0',
  ]);
});

it('tells of the server where there is one', () => {
  const text = table([{ mode: 'semel', messages: 300, deliveries: 455, kills: 15, serverKills: 1, lost: 0, duplicated: 0, exact: true }]);
  expect(stripVTControlCharacters(text).split('\n')).toContain('crashes of the server        1');
});
