import { CONSUMER_BOUNDARIES } from 'semel';
import { expect } from 'vitest';
import type { BrokerCrew } from './crew.ts';

/**
 * Has a consumer die at each boundary that a message passes, one after another; the next one does the rest.
 *
 * @param looks see {@link finishAll}
 */
export async function killAtBoundaries(crew: BrokerCrew, looks?: number): Promise<void> {
  await crew.finish('shop');
  for (const boundary of CONSUMER_BOUNDARIES) expect(await crew.ends(crew.spawn('billing', `${boundary}#2`)), boundary).toBe('SIGKILL');
  await finishAll(crew, ['billing', 'fragile'], looks);
}

/**
 * Has these do all that is left, and looks for what is wrong.
 *
 * @param looks more than one where the broker's own counts may say too early that nothing is left: what is lost stays lost, and what was doubled stays doubled
 */
export async function finishAll(crew: BrokerCrew, roles: readonly Parameters<BrokerCrew['finish']>[0][], looks = 1): Promise<void> {
  for (let look = 1; look <= looks; look++) {
    for (const role of roles) await crew.finish(role);
    const faults = await crew.faults();
    if (look === looks || faults.length === 0) return expect(faults).toEqual([]);
  }
}
