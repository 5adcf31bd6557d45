import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const PATIENCE_MS = 60_000;

describe('the demo', () => {
  let temporary: string;
  const start = (...argv: string[]) =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', MAIN, ...argv], { env: { ...process.env, TMPDIR: temporary, SEMEL_STORE: '' } });

  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'semel-demo-test-'));
  });

  afterEach(() => rmSync(temporary, { recursive: true }));

  it('loses and repeats in the controls, and never with Semel', { timeout: PATIENCE_MS }, async () => {
    const { code, stdout, stderr } = await ended(start('--json', '--messages', '60', '--kills', '6', '--seed', '1'));
    expect(code, stderr).toBe(0);
    const { runs, seconds, seed } = JSON.parse(stdout);
    const common = { messages: 60, deliveries: expect.any(Number), kills: expect.any(Number), lost: expect.any(Number), duplicated: expect.any(Number) };
    expect(runs).toEqual([
      { ...common, mode: 'acknowledge-first', exact: false },
      { ...common, mode: 'acknowledge-after', exact: false },
      { ...common, mode: 'semel', lost: 0, duplicated: 0, exact: true },
    ]);
    expect(runs[0].lost).toBeGreaterThanOrEqual(4); // the four that are killed at a chosen step
    expect(runs[1].duplicated).toBeGreaterThanOrEqual(4 + 3); // and three that the broker delivers twice
    for (const { kills, deliveries } of runs) {
      expect(kills).toBeGreaterThanOrEqual(4);
      expect(kills).toBeLessThanOrEqual(6);
      expect(deliveries).toBeGreaterThanOrEqual(60 + 3);
    }
    expect(seconds).toBeGreaterThan(0);
    expect(seed).toBe(1);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('exits with 1 where a control is clean, and says why', { timeout: PATIENCE_MS }, async () => {
    const { code, stdout, stderr } = await ended(start('--messages', '10', '--kills', '0'));
    expect(code).toBe(1);
    expect(stdout).toContain('charged more than once');
    expect(stderr).toContain('acknowledge-first lost nothing, so this run proves nothing. No process was killed; try a larger --kills.');
  });

  it('leaves nothing behind when it is interrupted', { timeout: PATIENCE_MS }, async () => {
    const demo = start('--messages', '100000');
    await once(demo.stderr!, 'data'); // the workers are started
    demo.kill('SIGINT');
    expect((await ended(demo)).code).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('refuses wrong arguments with 2', { timeout: PATIENCE_MS }, async () => {
    const { code, stderr } = await ended(start('--messages', '1'));
    expect(code).toBe(2);
    expect(stderr).toContain('--messages must be a whole number from 10 to 100000; it is "1"');
  });
});

async function ended(demo: ChildProcess): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const [[code], stdout, stderr] = await Promise.all([once(demo, 'close'), text(demo.stdout!), text(demo.stderr!)]);
  return { code, stdout, stderr };
}
