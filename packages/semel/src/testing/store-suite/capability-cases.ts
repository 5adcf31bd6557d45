import assert from 'node:assert/strict';
import { deliveryOf, messageOf, step } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

/** What is declared is there, and what is declared false is refused. */
export const capabilityCases: readonly StoreCase[] = [
  {
    name: 'has the roles that it declares, and no other',
    run: async ({ store }) => {
      const { queue, positions, journal, replays, enlist } = store.capabilities;
      const roles = [store.queue, store.positions, store.journal, store.replays, store.enlist];
      assert.deepEqual(
        roles.map((role) => role !== undefined),
        [queue, positions, journal, replays, enlist],
      );
      assert.match(store.name, /^[a-z][a-z0-9-]*$/);
    },
  },
  {
    name: 'refuses a delivery that is settled by position, where it keeps none',
    needs: ({ positions }) => !positions,
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await assert.rejects(bench.handle('pay', [deliveryOf(messageOf('a'), step('p', 0, 1))]), { code: 'capability-missing' });
      assert.deepEqual(await bench.effects(), []);
    },
  },
  {
    name: 'names the most writes of a transaction only where it collects them',
    run: async ({ store: { capabilities } }) => {
      if (capabilities.transactions === 'interactive') assert.equal(capabilities.maxWritesPerTransaction, undefined);
      else assert.ok(capabilities.maxWritesPerTransaction === undefined || capabilities.maxWritesPerTransaction > 0);
    },
  },
];
