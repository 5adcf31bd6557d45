import { expect, test } from 'vitest';
import { missedOf } from '../report.ts';
import { realText } from '../report-text.ts';
import { realCells } from './campaign.ts';

test('SQLite, local topics: a real process is killed, stopped and given a wrong clock at every step, and every promise is kept', { timeout: 120_000 }, async () => {
  const report = await realCells('sqlite', 'local', { kills: 1, urls: new Map() });
  expect({ failures: report.failures, missed: missedOf(report.cells), text: report.failures.length > 0 ? realText(report) : '' }).toEqual({ failures: [], missed: [], text: '' });
  expect(report.cells.length).toBe(14 * 4);
});
