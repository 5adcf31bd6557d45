import { setTimeout } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { expect } from 'vitest';
import { Crew } from '../crash/crew.ts';

/** The seed of this run's faults: `FAULT_SEED`, or chance. */
export const SEED: number = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Of tests whose time depends on how busy the machine is. */
export const PATIENT = { timeout: 240_000 } as const;

/** A lease whose owner never heard of it counts as a try, so that two of them would bury a message which no harm was meant to. */
const ATTEMPTS = 100;

/** Orders of one publisher. */
const WAVE = 60;

/** What does the harm, while others work. */
export interface Disturbance {
  readonly crew: Crew;
  readonly random: () => number;
  /** Waits for a random while, of at most so long. */
  pause(atMostMs: number): Promise<void>;
}

/**
 * Processes publish orders, handle them, relay what comes of it and consume that too, and live through what `disturb` does meanwhile. They must go on by
 * themselves until nothing is left. Then an independent process compares the ledgers: every message has one effect and one record, nothing of what was
 * rolled back is there, and keys are in order.
 */
export async function underLoad(url: string, disturb: (disturbance: Disturbance) => Promise<void>): Promise<void> {
  using crew = new Crew(url, { seed: SEED });
  await crew.makeTables();
  const random = seededRandom(SEED);
  const [shop, ...others] = await Promise.all((['shop', 'shop', 'fragile', 'billing'] as const).map((role) => crew.started(role, { attempts: ATTEMPTS })));
  let over = false;
  const publish = async () => {
    for (let messages = WAVE; !over; messages += WAVE) await crew.publishes(messages);
  };
  const disturbed = disturb({ crew, random, pause: (atMostMs) => setTimeout(random() * atMostMs) }).finally(() => (over = true));
  await Promise.all([disturbed, publish()]);
  for (const worker of [shop, ...others, shop]) expect(await crew.becomesIdle(worker!)).toBe(true); // the first once more: billing sends it acknowledgements
  const { faults, placed } = await crew.audit();
  expect(faults).toEqual([]);
  expect(placed).toBeGreaterThan(WAVE / 2);
}
