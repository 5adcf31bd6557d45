import { expect, it } from 'vitest';
import { Progress } from './progress.ts';

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) > 0 };
}

it('draws one line over and over on a terminal, and leaves none', () => {
  const terminal = screen(true);
  const progress = new Progress('semel', 60, terminal);
  progress.show({ delivered: 30, kills: 2 });
  progress.end();
  expect(terminal.written).toEqual([expect.stringContaining(`${'█'.repeat(15)}${'░'.repeat(15)}  30 of 60 delivered, 2 crashes`), '\r\u001B[K']);
  expect(terminal.written.join('')).not.toContain('\n');
});

it('writes two plain lines elsewhere', () => {
  const file = screen(false);
  const progress = new Progress('semel', 60, file);
  for (let delivered = 0; delivered <= 60; delivered++) progress.show({ delivered, kills: 2 });
  progress.end();
  expect(file.written).toEqual(['semel: 60 payments, workers started\n', 'semel: 60 of 60 delivered, 2 crashes\n']);
});
