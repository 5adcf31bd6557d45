import { ANSWERS, type Kind } from './requests.ts';
import type { Result } from './trial.ts';

/** The result as a table and a verdict. */
export function report({ recorded, distinct, tallies, kills, deadLetters, statistics, equal, passed }: Result): string {
  const total = statistics.reduce((sum, { deliveries }) => sum + deliveries, 0);
  return [
    `${recorded} recorded deliveries, ${distinct} of them distinct`,
    '',
    row('request', 'answer', 'sent', 'sent again', 'wrong answers'),
    ...Object.entries(tallies).map(([kind, { sent, again, wrong }]) => row(kind, ANSWERS[kind as Kind], sent, again, describe(wrong))),
    '',
    `killed: ${Object.entries(kills)
      .map(([name, times]) => `${name} ${times} times`)
      .join(', ')}`,
    `statistics: ${statistics.length} rows for ${total} deliveries; dead letters: ${deadLetters}`,
    equal ? 'They equal a plain recount: every distinct delivery was counted exactly once.' : 'They DIFFER from a plain recount.',
    ...(passed === equal ? [] : ['Yet not every request was answered, or not every message was handled, as it must be.']),
  ].join('\n');
}

function row(...cells: readonly (string | number)[]): string {
  const [name = '', ...figures] = cells.map(String);
  return name.padEnd(12) + figures.map((figure) => figure.padStart(14)).join('');
}

function describe(wrong: Readonly<Record<number, number>>): string {
  const entries = Object.entries(wrong);
  return entries.length === 0 ? 'none' : entries.map(([status, count]) => `${count} × ${status}`).join(', ');
}
