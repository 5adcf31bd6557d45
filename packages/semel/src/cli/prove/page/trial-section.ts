import type { Boundary } from '../../../prove/once/fault.ts';
import type { Moment } from '../../../prove/once/trace.ts';
import { wordOf } from '../../../prove/once/words.ts';
import type { TrialRecord } from '../process-proof.ts';
import { escaped, joined, milliseconds } from './markup.ts';
import { momentText } from './moment-text.ts';
import { timeline } from './timeline.ts';

/** The anchor of a trial. */
export function anchorOf({ number }: Pick<TrialRecord, 'number'>): string {
  return `trial-${number}`;
}

/** `kill at committing`. */
export function nameOf({ fault, step }: Pick<TrialRecord, 'fault' | 'step'>): string {
  return fault === 'duplicate' ? `duplicate ${step}` : `${fault} at ${step}`;
}

function whereOf({ step }: TrialRecord): string {
  const words = wordOf(step as Boundary);
  return words === undefined ? '' : `, ${words}`;
}

/** A trial: its timeline, its story, and the story of each message. */
export function trialSection(trial: TrialRecord, open: boolean): string {
  const { number, moments, story, violations } = trial;
  const anchor = anchorOf(trial);
  const ids = [...new Set(moments.flatMap((moment) => moment.ids ?? []))];
  const found = violations.length === 0 ? '<span class="good">each effect once</span>' : `<span class="bad">${escaped(violations[0]?.summary ?? '')}</span>`;
  return `<details class="trial" id="${anchor}"${open ? ' open' : ''}><summary><b>${number}</b> ${escaped(nameOf(trial))}${escaped(whereOf(trial))} <span aria-hidden="true">·</span> ${found}</summary>
${timeline(moments, ids, anchor)}
<div class="columns"><div><h4>What happened</h4><ol>${joined(story, (line) => `<li>${escaped(line)}</li>`)}</ol></div>
<div><h4>Message by message</h4>${joined(ids, (id, index) => messageStory(moments, id, `${anchor}-m${index}`, index))}</div></div>
</details>`;
}

function messageStory(moments: readonly Moment[], id: string, anchor: string, index: number): string {
  const own = moments.filter((moment) => moment.ids?.includes(id) || (moment.ids ?? []).length === 0);
  const steps = joined(own, (moment) => `<li><i>${milliseconds(moment.atMs)}</i> ${escaped(momentText(moment))}</li>`);
  return `<details class="message-story" id="${anchor}" data-message="${index}"><summary><span class="chip c${index % 6}"></span>${escaped(id)}</summary><ol>${steps}</ol></details>`;
}
