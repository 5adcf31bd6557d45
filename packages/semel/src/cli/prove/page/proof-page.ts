import type { Boundary } from '../../../prove/once/fault.ts';
import type { ProofCell } from '../../../prove/once/proof-facts.ts';
import { CONTROL } from '../../../prove/once/report-text.ts';
import type { Violation } from '../../../prove/once/violation.ts';
import { wordOf } from '../../../prove/once/words.ts';
import { type ProcessProof, statisticOf, strikesOf, type TrialRecord } from '../process-proof.ts';
import { escaped, joined, withCode } from './markup.ts';
import { SCRIPT, STYLE } from './style.ts';
import { anchorOf, nameOf, trialSection } from './trial-section.ts';

/** Trials of one kind of violation that are shown; the rest are counted. */
const MOST_REFUTED = 3;

/** The report as one page of HTML, which needs nothing else. */
export function proofPage(proof: ProcessProof): string {
  const { consumer, store, verdict } = proof.facts;
  const shown = shownOf(proof.trials);
  const first = shown.find(({ violations }) => violations.length > 0) ?? shown.find(({ fault, step }) => fault === 'kill' && step === 'committing');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(consumer)}: ${verdict}</title><style>${STYLE}</style></head>
<body><header><h1>${escaped(consumer)} on ${escaped(store)} <span class="verdict ${verdict}">${verdict}</span></h1>${factsMarkup(proof)}</header>
<main>${violationsMarkup(proof.facts.violations, shown)}
${
  proof.trials.length === 0
    ? ''
    : `<h2>What was done</h2>${cellsMarkup(proof.facts.cells, shown)}
<h2>Trials</h2>${LEGEND}${joined(shown, (trial) => trialSection(trial, trial === first))}`
}
</main><script>${SCRIPT}</script></body></html>
`;
}

/** One trial of each kind that did what it was to do, and some of those that found something. */
function shownOf(trials: readonly TrialRecord[]): readonly TrialRecord[] {
  const ofKind = [...Map.groupBy(trials, nameOf).values()].map((own) => own.find(({ hit }) => hit) ?? own[0]);
  const refuted = [...Map.groupBy(trials, ({ violations }) => violations[0]?.kind).entries()].flatMap(([kind, own]) => (kind === undefined ? [] : own.slice(0, MOST_REFUTED)));
  const chosen = new Set([...refuted, ...ofKind]);
  return trials.filter((trial) => chosen.has(trial));
}

function factsMarkup(proof: ProcessProof): string {
  const { verdict, seed, durationMs, control, reason, notes } = proof.facts;
  const { kills, stops } = strikesOf(proof);
  const lines = [
    `${proof.trials.length} trials with ${proof.workers} processes: ${kills} were killed, ${stops} stopped for longer than their lease. ${(durationMs / 1000).toFixed(1)} s, seed ${seed}.`,
    ...(reason === undefined ? [] : [`This proves nothing: ${reason}.`]),
    ...(verdict === 'proven' ? [statisticOf(proof)] : []),
    ...(control === undefined ? [] : [`Control: ${CONTROL[control]}.`]),
    ...notes.map((note) => `Note: ${note}.`),
  ];
  return joined(lines, (line) => `<p class="faint">${withCode(line)}</p>`);
}

function violationsMarkup(violations: readonly Violation[], shown: readonly TrialRecord[]): string {
  const kinds = [...Map.groupBy(violations, ({ kind }) => kind).values()];
  if (kinds.length === 0) return '';
  const trialOf = (violation: Violation) => shown.find((trial) => trial.violations.some(({ story }) => story === violation.story));
  const told = new Set<string>();
  const one = ([first, ...others]: readonly Violation[]) => {
    if (first === undefined) return '';
    const { kind, summary, fault, step, hint } = first;
    const trial = trialOf(first);
    const link = trial === undefined ? '' : ` <a href="#${anchorOf(trial)}">What happened</a>`;
    const also = others.length === 0 ? '' : `, and in ${others.length} more`;
    const todo = told.has(hint) ? '' : `<p><b>What to do:</b> ${withCode(hint)}</p>`;
    told.add(hint);
    return `<section class="violation"><h3>${escaped(kind)}: ${escaped(summary)}</h3><p>Seen in ${escaped(nameOf({ fault, step }))}${also}.${link}</p>${todo}</section>`;
  };
  return `<h2>What is wrong</h2>${joined(kinds, one)}`;
}

function cellsMarkup(cells: readonly ProofCell[], shown: readonly TrialRecord[]): string {
  const steps = [...Map.groupBy(cells, ({ step }) => step)];
  const row = ([step, own]: readonly [string, readonly ProofCell[]]) => {
    const found = own.reduce((sum, { violations }) => sum + violations, 0);
    const words = wordOf(step as Boundary) ?? (own[0]?.fault === 'duplicate' ? 'messages come twice' : 'wherever it is');
    const numbers = joined(['kill', 'freeze', 'duplicate'], (fault) => `<td class="number">${hits(own, fault, shown)}</td>`);
    return `<tr><th scope="row">${escaped(step)}</th><td>${escaped(words)}</td>${numbers}<td class="number ${found > 0 ? 'bad' : ''}">${found}</td></tr>`;
  };
  const head =
    '<tr><th scope="col">At</th><th scope="col">Which is</th><th scope="col" class="number">Killed</th><th scope="col" class="number">Stopped</th><th scope="col" class="number">Twice</th><th scope="col" class="number">Violations</th></tr>';
  return `<div class="scroll" tabindex="0" role="region" aria-label="What was done"><table><thead>${head}</thead><tbody>${joined(steps, row)}</tbody></table></div><p class="faint">In how many of the trials it came about; each leads to one of them.</p>`;
}

function hits(cells: readonly ProofCell[], fault: string, shown: readonly TrialRecord[]): string {
  const cell = cells.find((one) => one.fault === fault);
  if (cell === undefined) return '';
  const trial = shown.find((one) => one.fault === fault && one.step === cell.step);
  const text = `${cell.hits} of ${cell.trials}`;
  return trial === undefined ? text : `<a href="#${anchorOf(trial)}">${text}</a>`;
}

const LEGEND = `<p class="legend"><span><svg width="26" height="12"><rect class="bar c0" y="1" width="26" height="10" rx="3"/></svg> a message is in a worker's hands</span>
<span><svg width="20" height="12"><rect class="run c0" y="1" width="20" height="10"/></svg> its handler runs</span><span><svg width="14" height="14"><path class="commit c0" d="M7 1l6 6-6 6-6-6z"/></svg> its effect is committed</span>
<span><svg width="14" height="12"><path class="answer c0" d="M2 6l3 4 6-8"/></svg> acknowledged, or given back</span><span><svg width="14" height="14"><path class="kill" d="M1 1l12 12m0-12l-12 12"/></svg> the process is killed</span>
<span>Steps from left to right, not to scale; a click on a message shows its story.</span></p>`;
