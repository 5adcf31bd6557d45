import type { Control } from './control.ts';
import type { ProofCell, ProofFacts } from './proof-facts.ts';
import type { Violation } from './violation.ts';

/** What the negative control showed. */
export const CONTROL: Readonly<Record<Control, string>> = {
  repeated: 'without the record that a message was handled, a redelivery made the effect twice: duplicates are seen',
  refused: 'without the record that a message was handled, a redelivery failed: the database refuses a second effect',
  unchanged: 'without the record that a message was handled, a redelivery changed nothing',
  unseen: 'the effect was not seen',
};

/** A report, for people. */
export function reportText(facts: ProofFacts): string {
  const { consumer, store, verdict, seed, cells, violations, notes, durationMs, control, reason } = facts;
  const trials = cells.reduce((sum, cell) => sum + cell.trials, 0);
  const parts = [
    `${consumer} on ${store}: ${verdict} (${trials} trials, ${(durationMs / 1000).toFixed(1)} s, seed ${seed})`,
    ...(reason === undefined ? [] : [`This proves nothing: ${reason}.`]),
    ...violationTexts(violations),
    ...(cells.length === 0 ? [] : [cellsText(cells)]),
    ...(control === undefined ? [] : [`Control: ${CONTROL[control]}.`]),
    ...notes.map((note) => `Note: ${note}.`),
  ];
  return parts.join('\n\n');
}

/** A text for each kind of violation: one of them in full, and where the others are. */
export function violationTexts(violations: readonly Violation[]): readonly string[] {
  const groups = [...Map.groupBy(violations, ({ kind }) => kind).values()];
  return groups.map((group, index) => {
    const follows = groups.slice(0, index).some(([other]) => other?.hint === group[0]?.hint);
    return violationText(group, follows);
  });
}

/** The first of its kind in full; of the others, where. @param follows whether a kind that has the same cause was told before */
function violationText([first, ...others]: readonly Violation[], follows: boolean): string {
  if (first === undefined) return '';
  const { kind, summary, site, fault, step, story, hint } = first;
  const also = [...new Set(others.map((other) => `${other.fault} at ${other.step}`))];
  const head = [`${kind}: ${summary}`, ...(site === undefined ? [] : [`  where: ${site}`]), `  when: ${fault} at ${step}${also.length > 0 ? `; also ${also.join(', ')}` : ''}`];
  if (follows) return head.join('\n');
  return [...head, '  what happened:', ...story.map((line, index) => `    ${String(index + 1).padStart(2)}. ${line}`), `  what to do: ${hint}`].join('\n');
}

/** A line per fault: the steps at which it was tried, those marked where something was found. */
function cellsText(cells: readonly ProofCell[]): string {
  const rows = [...Map.groupBy(cells, ({ fault }) => fault)].map(([fault, own]) => {
    const steps = own.map(({ step, violations, hits }) => (violations > 0 ? `✗ ${step}` : hits === 0 ? `(${step})` : step));
    return `  ${fault.padEnd(11)} ${steps.join(', ')}`;
  });
  return ['Tried:', ...rows].join('\n');
}
