import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';

function breakerAt(startMs: number, options: CircuitBreakerOptions = { failures: 3, resetMs: 1_000 }) {
  const clock = { nowMs: startMs, now: () => clock.nowMs };
  const breaker = new CircuitBreaker(options, clock);
  const open = () => {
    while (!breaker.failed());
  };
  return { clock, breaker, open };
}

describe('CircuitBreaker', () => {
  it('opens after failures in a row, and says so once', () => {
    const { breaker } = breakerAt(0);
    expect([breaker.failed(), breaker.failed()]).toEqual([false, false]);
    breaker.succeeded();
    expect([breaker.failed(), breaker.failed()]).toEqual([false, false]);
    expect(breaker.admit()).toEqual({ kind: 'go' });
    expect(breaker.failed()).toBe(true);
    expect(breaker.state).toBe('open');
    expect(breaker.failed()).toBe(false);
  });

  it('has its defaults: five failures, ten seconds', () => {
    const { breaker, clock } = breakerAt(0, {});
    expect([1, 2, 3, 4, 5].map(() => breaker.failed())).toEqual([false, false, false, false, true]);
    clock.nowMs = 9_999;
    expect(breaker.admit()).toEqual({ kind: 'wait', untilMs: 10_000 });
    clock.nowMs = 10_000;
    expect(breaker.admit()).toEqual({ kind: 'probe' });
  });

  it('lets exactly one probe go, whose success closes it', () => {
    const { breaker, clock, open } = breakerAt(5_000);
    open();
    clock.nowMs = 6_000;
    expect([breaker.admit(), breaker.admit(), breaker.admit()]).toEqual([{ kind: 'probe' }, { kind: 'wait', untilMs: 7_000 }, { kind: 'wait', untilMs: 7_000 }]);
    expect(breaker.state).toBe('half-open');
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
    expect([breaker.admit(), breaker.failed()]).toEqual([{ kind: 'go' }, false]);
  });

  it('opens again when the probe fails', () => {
    const { breaker, clock, open } = breakerAt(0);
    open();
    clock.nowMs = 1_500;
    breaker.admit();
    expect(breaker.failed()).toBe(true);
    expect(breaker.admit()).toEqual({ kind: 'wait', untilMs: 2_500 });
  });

  it('sends another probe when nothing was heard of the first', () => {
    const { breaker, clock, open } = breakerAt(0);
    open();
    clock.nowMs = 1_000;
    breaker.admit();
    clock.nowMs = 2_000;
    expect(breaker.admit()).toEqual({ kind: 'probe' });
  });

  it('is not closed by a straggler from before', () => {
    const { breaker, open } = breakerAt(0);
    open();
    breaker.succeeded();
    expect(breaker.state).toBe('open');
  });

  it('trap 35: is not kept open by a clock that was set back', () => {
    const { breaker, clock, open } = breakerAt(3_600_000);
    open();
    clock.nowMs = 0;
    expect(breaker.admit()).toEqual({ kind: 'probe' });
  });

  it.each([{ failures: 0 }, { resetMs: -1 }, { reset: 1 }])('refuses %o', (options) => {
    expect(() => breakerAt(0, options as CircuitBreakerOptions)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});
