import { expect, test } from 'vitest';
import { manualRuntime } from '../testing/manual-runtime.ts';
import { Gate } from './gate.ts';

test('a pause closes it for its time, and a shorter one does not shorten a longer', async () => {
  const runtime = manualRuntime();
  const gate = new Gate(runtime);
  gate.pause(1_000);
  gate.pause(10);
  expect(gate.admit()).toEqual({ kind: 'wait', untilMs: runtime.clock.now() + 1_000 });
  await runtime.advance(1_000);
  expect(gate.admit()).toEqual({ kind: 'go' });
});

test('trouble waits longer each time, up to a cap, and a commit that goes through ends it', () => {
  const gate = new Gate(manualRuntime({ seed: 3 }));
  const waits = Array.from({ length: 12 }, () => gate.trouble());
  expect(waits[0]).toBeLessThanOrEqual(50);
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
  expect(waits.at(-1)).toBeGreaterThanOrEqual(5_000);
  gate.calm();
  expect(gate.trouble()).toBeLessThanOrEqual(50);
});

test('ready resolves when asking may help, and at once when the signal aborts', async () => {
  const runtime = manualRuntime();
  const gate = new Gate(runtime, { failures: 1, resetMs: 500 });
  const stop = new AbortController();
  expect(gate.failed()).toBe(true);
  let ready = false;
  const waiting = gate.ready(stop.signal).then(() => {
    ready = true;
  });
  await runtime.advance(499);
  expect(ready).toBe(false);
  await runtime.advance(1);
  await waiting;
  expect(gate.cautious).toBe(true);
  expect(gate.admit()).toEqual({ kind: 'probe' });
  gate.pause(60_000);
  stop.abort();
  await gate.ready(stop.signal);
});

test('only one probe goes; its success opens the gate to all', async () => {
  const runtime = manualRuntime();
  const gate = new Gate(runtime, { failures: 1, resetMs: 500 });
  gate.failed();
  await runtime.advance(500);
  expect(gate.admit().kind).toBe('probe');
  expect(gate.admit().kind).toBe('wait');
  gate.succeeded();
  expect(gate.admit().kind).toBe('go');
  expect(gate.cautious).toBe(false);
});
