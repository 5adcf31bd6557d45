import { describe, expect, test } from 'vitest';
import { manualRuntime } from './manual-runtime.ts';

describe('manualRuntime', () => {
  test('stands still until it is told to pass, and gets there exactly', async () => {
    const { clock, advance } = manualRuntime({ nowMs: 1_000 });
    expect(clock.now()).toBe(1_000);
    await advance(250);
    expect(clock.now()).toBe(1_250);
  });

  test('fires timers in the order of their times, those of one time in the order of their making', async () => {
    const { clock, scheduler, advance } = manualRuntime({ nowMs: 0 });
    const fired: string[] = [];
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['never', 41],
    ] as const)
      scheduler.after(ms, () => fired.push(`${name}@${clock.now()}`));
    await advance(40);
    expect(fired).toEqual(['a@10', 'b1@20', 'b2@20', 'c@30']);
  });

  test('fires what a timer sets going within the time that passes', async () => {
    const { clock, scheduler, advance } = manualRuntime({ nowMs: 0 });
    const woken: number[] = [];
    const loop = async () => {
      for (let round = 0; round < 3; round++) {
        await scheduler.sleep(10);
        woken.push(clock.now());
      }
    };
    const looping = loop();
    await advance(25);
    expect(woken).toEqual([10, 20]);
    await advance(5);
    await looping;
    expect(woken).toEqual([10, 20, 30]);
  });

  test('does not fire what was cancelled', async () => {
    const { scheduler, advance } = manualRuntime();
    let fired = false;
    scheduler.after(10, () => {
      fired = true;
    })();
    await advance(100);
    expect(fired).toBe(false);
  });

  test('ends a sleep when its signal aborts, at once if it had aborted before', async () => {
    const { scheduler, clock } = manualRuntime({ nowMs: 0 });
    const stop = new AbortController();
    const sleeping = scheduler.sleep(1_000, stop.signal);
    stop.abort();
    await sleeping;
    await scheduler.sleep(1_000, stop.signal);
    expect(clock.now()).toBe(0);
  });

  test('trap 35: can jump, also back, without firing anything', async () => {
    const { clock, scheduler, jump, advance } = manualRuntime({ nowMs: 1_000 });
    const fired: number[] = [];
    scheduler.after(100, () => fired.push(clock.now()));
    jump(-500);
    expect([clock.now(), fired]).toEqual([500, []]);
    jump(2_000);
    await advance(0);
    expect(fired).toEqual([2_500]);
  });

  test('gives the same numbers for the same seed, spread over [0, 1)', () => {
    const numbers = (seed: number) => {
      const { random } = manualRuntime({ seed });
      return Array.from({ length: 1_000 }, () => random());
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    const mean = numbers(7).reduce((sum, number) => sum + number, 0) / 1_000;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(numbers(7).every((number) => number >= 0 && number < 1)).toBe(true);
  });
});
