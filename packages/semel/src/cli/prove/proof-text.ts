import type { Boundary } from '../../prove/once/fault.ts';
import type { ProofCell } from '../../prove/once/proof-facts.ts';
import { CONTROL, violationTexts } from '../../prove/once/report-text.ts';
import { wordOf } from '../../prove/once/words.ts';
import { counted } from '../output/counted.ts';
import { printableLines } from '../output/printable.ts';
import { type Column, table } from '../output/table.ts';
import { type ProcessProof, statisticOf, strikesOf } from './process-proof.ts';

/** The report, for people. */
export function proofText(proof: ProcessProof): string {
  const { consumer, store, verdict, seed, violations, notes, durationMs, control, reason, cells } = proof.facts;
  const trials = counted(proof.trials.length, 'trial');
  const parts = [
    `${consumer} on ${store}: ${verdict} (${trials} with ${proof.workers} processes, ${(durationMs / 1000).toFixed(1)} s, seed ${seed})`,
    ...(reason === undefined ? [] : [`This proves nothing: ${reason}.`]),
    ...violationTexts(violations),
    ...(cells.length === 0 ? [] : [doneText(proof), cellsText(cells)]),
    ...(verdict === 'proven' ? [statisticOf(proof)] : []),
    ...(control === undefined ? [] : [`Control: ${CONTROL[control]}.`]),
    ...notes.map((note) => `Note: ${note}.`),
  ];
  return printableLines(`${parts.join('\n\n')}\n`);
}

function doneText(proof: ProcessProof): string {
  const { kills, stops } = strikesOf(proof);
  const duplicates = proof.facts.cells.filter(({ fault }) => fault === 'duplicate').map(({ step }) => step);
  return `${kills} processes were killed, and ${stops} stopped for longer than their lease; messages came twice: ${duplicates.join(', ')}.`;
}

const COLUMNS: readonly Column[] = [
  { title: 'AT' },
  { title: 'WHICH IS' },
  { title: 'KILLED', align: 'right' },
  { title: 'STOPPED', align: 'right' },
  { title: 'VIOLATIONS', align: 'right' },
];

/** A line for each place: in how many of the trials it was reached. */
function cellsText(cells: readonly ProofCell[]): string {
  const steps = Map.groupBy(
    cells.filter(({ fault }) => fault === 'kill' || fault === 'freeze'),
    ({ step }) => step,
  );
  const rows = [...steps].map(([step, own]) => [
    step,
    wordOf(step as Boundary) ?? 'wherever it is',
    hitsOf(own, 'kill'),
    hitsOf(own, 'freeze'),
    own.reduce((sum, { violations }) => sum + violations, 0),
  ]);
  return table(COLUMNS, rows).trimEnd();
}

function hitsOf(cells: readonly ProofCell[], fault: string): string {
  const cell = cells.find((one) => one.fault === fault);
  return cell === undefined ? '-' : `${cell.hits} of ${cell.trials}`;
}
