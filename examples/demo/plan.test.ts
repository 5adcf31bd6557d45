import { CONSUMER_BOUNDARIES } from 'semel';
import { describe, expect, it } from 'vitest';
import { payments } from './payments.ts';
import { crashesOf, drawPlan } from './plan.ts';

describe('drawPlan', () => {
  it('is decided by the seed', () => {
    expect(drawPlan(payments(100), 10, 7)).toEqual(drawPlan(payments(100), 10, 7));
    expect(drawPlan(payments(100), 10, 7)).not.toEqual(drawPlan(payments(100), 10, 8));
  });

  it.each([10, 11, 60, 300, 5000])('keeps its promises for %i payments, whatever the seed', (messages) => {
    for (let seed = 0; seed < 100; seed++) {
      const plan = drawPlan(payments(messages), 9, seed);
      expect(plan.victims.length + plan.kills.length, `seed ${seed}`).toBe(9);
      expect(plan.victims.length, `seed ${seed}`).toBeGreaterThan(0);
      expect(new Set(plan.victims).size, `seed ${seed}`).toBe(plan.victims.length);
      expect(plan.twice.size, `seed ${seed}`).toBe(Math.ceil(messages / 20));
      expect(
        plan.victims.some((victim) => plan.twice.has(victim)),
        `seed ${seed}`,
      ).toBe(false);
    }
  });

  it('has one kill at a chosen step, if there is one kill', () => {
    expect(drawPlan(payments(10), 1, 0)).toMatchObject({ victims: [{}], kills: [] });
    expect(drawPlan(payments(10), 0, 0)).toMatchObject({ victims: [], kills: [] });
  });
});

describe('crashesOf', () => {
  it('has Semel die at every boundary by default, the naive loops between their two steps', () => {
    const plan = drawPlan(payments(300), 15, 1);
    expect(crashesOf('semel', plan).map(({ step }) => step)).toEqual(CONSUMER_BOUNDARIES);
    expect(new Set(crashesOf('acknowledge-first', plan).map(({ step }) => step))).toEqual(new Set(['between']));
  });
});
