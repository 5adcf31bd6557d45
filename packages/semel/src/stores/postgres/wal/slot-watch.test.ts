import { expect, test } from 'vitest';
import { systemRuntime } from '../../../core/runtime.ts';
import type { Connection } from '../connection.ts';
import type { SlotState } from './slot-state.ts';
import { watchSlot } from './slot-watch.ts';

const GIB = 1024 ** 3;

/** Lets a watch look as often as there are states, and tells what it told. */
async function told(states: readonly (Partial<SlotState> | Error)[]): Promise<readonly string[]> {
  const left = [...states];
  const heard: string[] = [];
  const found = async () => {
    const state = left.shift();
    if (state instanceof Error) throw state;
    return state && { slot: 'semel_1_semel', active: true, walStatus: 'reserved', behindBytes: 0, retainedBytes: 0, safeBytes: null, ...state };
  };
  const all = Promise.withResolvers<void>();
  const scheduler = {
    ...systemRuntime.scheduler,
    after: (_ms: number, look: () => void) => {
      if (left.length === 0) all.resolve();
      else setImmediate(look);
      return () => {};
    },
  };
  const end = watchSlot({ get: found as unknown as Connection['get'], all: async () => [] }, scheduler, {
    behind: ({ code, details }) => void heard.push(`${code} ${details['behindBytes']} ${details['walStatus']}`),
    unreachable: (error) => void heard.push(String(error)),
  });
  await all.promise;
  end();
  return heard;
}

test('tells of a slot once, whenever it falls behind', async () => {
  const behind = { behindBytes: 2 * GIB };
  expect(await told([{}, behind, behind, { behindBytes: 5 }, behind])).toEqual([`slot-behind ${2 * GIB} reserved`, `slot-behind ${2 * GIB} reserved`]);
});

test('tells of one that the server is about to give up, however little it is behind', async () => {
  expect(
    await told([
      { behindBytes: 7, walStatus: 'extended' },
      { behindBytes: 8, walStatus: 'unreserved' },
    ]),
  ).toEqual(['slot-behind 8 unreserved']);
});

test('tells of a database that does not answer, and looks on', async () => {
  expect(await told([new Error('no answer'), { behindBytes: 2 * GIB }])).toEqual(['Error: no answer', `slot-behind ${2 * GIB} reserved`]);
});
