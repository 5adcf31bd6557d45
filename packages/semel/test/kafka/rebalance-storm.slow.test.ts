import { join } from 'node:path';
import { seededRandom } from 'semel/testing';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { finishAll } from '../broker-crash/kill-at-boundaries.ts';
import { describeWith } from '../services/describe-with.ts';
import { REBALANCE_STEPS } from './dying-member.ts';
import { aTopic, kafkaUrl, quietKafka } from './kafka.ts';

const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env['STORM_ROUNDS'] ?? 3);
/** They have to last for as long as the storm does. */
const LOAD = { orders: ROUNDS * 600, paceMs: 25 };

/** Has one member after another die at a step of a rebalance, in a group that gets a new member and loses its oldest at each. */
async function storm(crew: BrokerCrew, random: () => number): Promise<void> {
  crew.spawn('shop');
  let oldest = crew.spawn('billing');
  for (let round = 0; round < ROUNDS; round++) {
    const lots = REBALANCE_STEPS.map((step) => ({ step, lot: random() }));
    for (const { step } of lots.toSorted((a, b) => a.lot - b.lot)) {
      const dying = crew.spawn('billing', undefined, { DIES_AT: step });
      await crew.says(dying, 'started');
      const newest = crew.spawn('billing'); // for whom all have to give something up
      expect(await crew.ends(dying), step).toBe('SIGKILL');
      await crew.kill(oldest);
      oldest = newest;
    }
  }
}

describeWith('kafka', 'a group in a storm', () => {
  for (const client of ['kafkajs', 'librdkafka'] as const) {
    test(`trap 29: ${client}: members die at each step of rebalances that never end: one effect each, keys are in order (seed ${SEED})`, async () => {
      const plan = { module: join(import.meta.dirname, `dying-${client}-broker.ts`), address: kafkaUrl ?? '', topic: await aTopic(quietKafka(), 6), store: 'sqlite', ...LOAD };
      await using crew = await BrokerCrew.gather(plan);
      await storm(crew, seededRandom(SEED));
      await crew.killAll();
      await finishAll(crew, ['shop', 'billing', 'fragile']);
    });
  }
});
