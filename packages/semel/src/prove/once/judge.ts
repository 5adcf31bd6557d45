import type { Consumer } from '../../consumer/consumer.ts';
import type { Baseline } from './baseline.ts';
import { hintOf } from './hints.ts';
import { type Played, type Scenario, stepOf } from './scenario.ts';
import { differenceOf } from './tally.ts';
import type { Point, Publication } from './trace.ts';
import type { Violation, ViolationKind } from './violation.ts';

/** One thing that a check has found. */
interface Finding {
  readonly kind: ViolationKind;
  readonly summary: string;
  readonly site?: string | undefined;
}

/** Holds what a trial left against what a run leaves in which nothing goes wrong. */
export function judge(scenario: Scenario, played: Played, baseline: Baseline, consumer: Consumer): readonly Violation[] {
  const expected = scenario.poison === undefined ? baseline : baseline.rest;
  const buried = buriedOf(played, scenario, consumer);
  const findings = [
    ...outsideOf(played, consumer, scenario.point),
    ...(buried.length > 0
      ? buried
      : [...effectsOf(played, expected, scenario.point), ...publishedOf(played, expected, scenario.point), ...recordsOf(played, scenario.poison, consumer)]),
    ...unstableOf(played),
  ];
  const { fault, step } = scenario;
  return findings.map(({ kind, summary, site }) => ({
    kind,
    fault,
    step,
    summary,
    story: played.findings.trace.story,
    ...(site === undefined ? {} : { site }),
    hint: hintOf(kind, scenario, consumer.guarantee),
  }));
}

/** A dead letter of a message that is no poison; that effect and publications are missing follows from it. A handler at most once has no second try. */
function buriedOf({ findings }: Played, { poison, point }: Scenario, { guarantee }: Consumer): readonly Finding[] {
  if (guarantee === 'at-most-once') return [];
  return findings.messages.flatMap((sealed): readonly Finding[] => {
    const outcome = findings.outcomes.get(sealed);
    if (outcome?.kind !== 'dead' || sealed.message.id === poison) return [];
    return [{ kind: 'buried', summary: `${sealed.message.id} ended as a dead letter: ${outcome.reason}`, site: point?.site }];
  });
}

/** Nothing was committed, so nothing may be there. */
function outsideOf({ aftermath }: Played, { guarantee }: Consumer, point: Point | undefined): readonly Finding[] {
  if (guarantee !== 'exactly-once' || aftermath === undefined || aftermath.committed || aftermath.change.size === 0) return [];
  return [{ kind: 'outside-transaction', summary: 'the effect was there although its transaction had been rolled back', site: point?.site }];
}

function effectsOf({ findings }: Played, expected: Pick<Baseline, 'change'>, point: Point | undefined): readonly Finding[] {
  const difference = differenceOf(expected.change, findings.change);
  return difference === undefined ? [] : [{ kind: `${difference.sort}-effect`, summary: `effects: ${difference.text}`, site: point?.site }];
}

function publishedOf({ findings }: Played, expected: Pick<Baseline, 'published'>, point: Point | undefined): readonly Finding[] {
  const difference = differenceOf(expected.published, findings.published);
  if (difference === undefined) return [];
  return [{ kind: difference.sort === 'repeated' ? 'repeated-publish' : 'lost-publish', summary: `published: ${difference.text}`, site: point?.site }];
}

function recordsOf({ findings }: Played, poison: string | undefined, { guarantee }: Consumer): readonly Finding[] {
  return findings.messages.flatMap((sealed): readonly Finding[] => {
    const { id } = sealed.message;
    const wanted = id === poison ? 'dead' : 'done';
    const outcome = findings.outcomes.get(sealed);
    if (outcome === undefined)
      return [{ kind: 'stuck', summary: `${id} did not get through, although nothing went wrong any more: ${String(findings.trace.errors.at(-1) ?? 'no error was told')}` }];
    const record = findings.records.get(sealed);
    if (guarantee !== 'exactly-once' || record === wanted) return [];
    return [{ kind: 'wrong-record', summary: `the record of ${id} is ${record}, and should be ${wanted}` }];
  });
}

/** What one run published, another run for the same message must publish under the same ids, as far as it came. */
function unstableOf({ findings }: Played): readonly Finding[] {
  const byCause = Map.groupBy(findings.trace.publications, ({ cause }) => cause);
  for (const [cause, publications] of byCause) {
    const [first = [], ...others] = Map.groupBy(publications, ({ run }) => run).values();
    const found = others.flatMap((other) => other.flatMap((publication, call) => unlike(first[call], publication)))[0];
    if (found !== undefined && cause !== '') return [{ kind: 'unstable-id', ...found }];
  }
  return [];
}

function unlike(first: Publication | undefined, again: Publication): readonly Omit<Finding, 'kind'>[] {
  if (first === undefined || first.topic !== again.topic || first.id === again.id) return [];
  return [{ summary: `two runs for ${again.cause} published to ${again.topic} under two ids: ${first.id} and ${again.id}`, site: again.site }];
}

/** Between which lines of the handler an effect is made outside its transaction: it survives a crash before the second, and not one before the first. */
export function siteOfOutside(violations: readonly Violation[], points: readonly Point[], entry: string | undefined): string | undefined {
  const survived = new Set(violations.flatMap(({ kind, step }) => (kind === 'outside-transaction' ? [step] : [])));
  const index = points.findIndex((point) => survived.has(stepOf(point)));
  const from = (index === -1 ? points.at(-1) : points[index - 1])?.site ?? entry;
  const to = index === -1 ? undefined : points[index]?.site;
  if (from === undefined) return to;
  return to === undefined || to === from ? from : `${from} … ${to}`;
}
