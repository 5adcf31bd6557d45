import { expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { UnresolvedUnits } from './unresolved-units.ts';

/** A server that says this of every transaction. */
function saying(row: { readonly status: string | null; readonly certain: boolean } | undefined): Connection {
  return { all: async () => [], get: async () => row as never };
}

/** Nobody may ask it. */
const silent: Connection = { all: () => Promise.reject(new Error('asked')), get: () => Promise.reject(new Error('asked')) };

test('what was answered needs nobody to be asked', async () => {
  const units = new UnresolvedUnits();
  units.committed('a');
  expect([await units.resolve('a', silent), await units.resolve('b', silent)]).toEqual(['committed', 'aborted']);
});

test.each([
  [{ status: 'committed', certain: true }, 'committed'],
  [{ status: 'aborted', certain: true }, 'aborted'],
  [{ status: 'in progress', certain: true }, 'unknown'],
  [{ status: null, certain: true }, 'unknown'],
  [{ status: 'committed', certain: false }, 'unknown'],
  [{ status: 'aborted', certain: false }, 'unknown'],
  [undefined, 'unknown'],
] as const)('trap 50: of a lost reply the server says %j: %s', async (row, fate) => {
  const units = new UnresolvedUnits();
  units.add('a', { xid: '7' });
  expect(await units.resolve('a', saying(row))).toBe(fate);
});

test('a transaction that has written nothing leaves nothing open', async () => {
  const units = new UnresolvedUnits();
  units.add('a', undefined);
  expect(await units.resolve('a', silent)).toBe('aborted');
});

test('remembers the last 4096 of each, and no more', async () => {
  const units = new UnresolvedUnits();
  for (let unit = 0; unit <= 4096; unit++) {
    units.committed(`committed ${unit}`);
    units.add(`lost ${unit}`, { xid: String(unit) });
  }
  const fates = await Promise.all(['committed 0', 'committed 1', 'committed 4096'].map((unit) => units.resolve(unit, silent)));
  expect(fates).toEqual(['aborted', 'committed', 'committed']);
  const running = saying({ status: 'in progress', certain: true });
  expect([await units.resolve('lost 0', silent), await units.resolve('lost 1', running), await units.resolve('lost 4096', running)]).toEqual(['aborted', 'unknown', 'unknown']);
});
