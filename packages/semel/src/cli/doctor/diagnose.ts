import type { SubscriptionState } from '../../core/store.ts';
import { VERSION } from '../../core/version.ts';
import type { Target } from '../target/target.ts';
import { withStore } from '../with-store.ts';
import type { World } from '../world.ts';
import { type Finding, type Found, failWith, ok, type Thresholds } from './finding.ts';
import { examineSubscriptions } from './subscription-checks.ts';

/**
 * All checks: first the database's own, which change nothing; the store itself is opened only if none of them failed.
 * @throws SemelError `store-missing` where there is no store
 */
export async function diagnose(target: Target, thresholds: Thresholds, world: World, role?: string): Promise<readonly Finding[]> {
  const own = await target.examine(thresholds, role);
  if (own.some(({ level }) => level === 'fail')) return own;
  const { opening, states } = await open(target, world);
  return [...own, { check: 'version', ...opening }, ...(states === undefined ? [] : examineSubscriptions(states, thresholds))];
}

/** Opens the store as a service of this version would; that finds a schema which is newer, or was altered. */
async function open(target: Target, world: World): Promise<{ readonly opening: Found; readonly states?: readonly SubscriptionState[] }> {
  try {
    const states = await withStore(target.existing(), world, (store) => store.registry.list());
    return { opening: ok(`Semel ${VERSION} can use it`), states };
  } catch (error) {
    return { opening: failWith(error) };
  }
}
