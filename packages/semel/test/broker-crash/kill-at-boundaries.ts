import { CONSUMER_BOUNDARIES } from 'semel';
import { expect } from 'vitest';
import type { BrokerCrew } from './crew.ts';

/** Has a consumer die at each boundary that a message passes, one after another; the next one does the rest. */
export async function killAtBoundaries(crew: BrokerCrew): Promise<void> {
  await crew.finish('shop');
  for (const boundary of CONSUMER_BOUNDARIES) expect(await crew.ends(crew.spawn('billing', `${boundary}#2`)), boundary).toBe('SIGKILL');
  await finishAll(crew, ['billing', 'fragile']);
}

/** Has these do all that is left, and looks for what is wrong. */
export async function finishAll(crew: BrokerCrew, roles: readonly Parameters<BrokerCrew['finish']>[0][]): Promise<void> {
  for (const role of roles) await crew.finish(role);
  expect(await crew.faults()).toEqual([]);
}
