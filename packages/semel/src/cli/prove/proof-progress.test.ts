import { expect, test } from 'vitest';
import type { PlayedTrial } from '../../prove/once/proof.ts';
import { VIOLATION } from './proof-fixture.ts';
import { ProofProgress } from './proof-progress.ts';

/** What is written while eight trials are played, the third of which finds something. */
function written(isTty: boolean): { readonly stdout: string; readonly stderr: string } {
  const texts = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof texts) => ({ write: (text: string) => (texts[name] += text) });
  const progress = new ProofProgress({ stdout: sink('stdout'), stderr: sink('stderr'), env: {}, now: () => 0, isTty });
  const scenario = { fault: 'kill', step: 'staged' } as PlayedTrial['scenario'];
  for (let number = 1; number <= 8; number++) progress.show({ number, of: 8, scenario, violations: number === 3 ? [VIOLATION] : [] } as unknown as PlayedTrial);
  progress.end();
  return texts;
}

test('a bar on a terminal, which is gone at the end', () => {
  const { stdout, stderr } = written(true);
  expect(stdout).toContain('\r\x1b[K███████████████░░░░░░░░░░░░░░░ 4/8, 1 violation, kill at staged');
  expect(stdout.endsWith('\r\x1b[K')).toBe(true);
  expect(stderr).toBe('');
});

test('a few lines elsewhere, and none among the data', () => {
  const { stdout, stderr } = written(false);
  expect(stdout).toBe('');
  expect(stderr).toBe('semel: 2 of 8 trials, 0 violations\nsemel: 4 of 8 trials, 1 violation\nsemel: 6 of 8 trials, 1 violation\nsemel: 8 of 8 trials, 1 violation\n');
});
