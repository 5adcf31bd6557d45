import { styleText } from 'node:util';
import type { Mode } from './mode.ts';
import type { Run } from './verdict.ts';

const TITLES: Readonly<Record<Mode, string>> = { 'acknowledge-first': 'acknowledge first', 'acknowledge-after': 'acknowledge after', semel: 'Semel' };

interface Row {
  readonly label: string;
  /** Undefined in all runs: the row is left out. */
  readonly value: (run: Run) => number | undefined;
  /** Any number but 0 is a fault. */
  readonly fault: boolean;
}

const ROWS: readonly Row[] = [
  { label: 'payments', value: (run) => run.messages, fault: false },
  { label: 'delivered', value: (run) => run.deliveries, fault: false },
  { label: 'crashes', value: (run) => run.kills, fault: false },
  { label: 'crashes of the server', value: (run) => run.serverKills, fault: false },
  { label: 'lost', value: (run) => run.lost, fault: true },
  { label: 'charged more than once', value: (run) => run.duplicated, fault: true },
];
const LABEL_WIDTH = Math.max(...ROWS.map(({ label }) => label.length));
const GAP = '   ';

/** The runs side by side; faults are red, and their absence green, where the terminal has colours. */
export function table(runs: readonly Run[]): string {
  const head = ' '.repeat(LABEL_WIDTH) + runs.map(({ mode }) => GAP + TITLES[mode]).join('');
  const rows = ROWS.filter(({ value }) => runs.some((run) => value(run) !== undefined));
  const lines = rows.map(({ label, value, fault }) => label.padEnd(LABEL_WIDTH) + runs.map((run) => GAP + cell(value(run) ?? 0, TITLES[run.mode].length, fault)).join(''));
  return [head, ...lines].join('\n');
}

function cell(value: number, width: number, fault: boolean): string {
  const text = String(value).padStart(width);
  return fault ? styleText(value === 0 ? 'green' : 'red', text, { stream: process.stdout }) : text;
}
