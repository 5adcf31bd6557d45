import { CHECKS, violationsOf } from '../../packages/semel/src/prove/checks.ts';
import type { Run } from '../../packages/semel/src/prove/explorer/run.ts';
import { shrink } from '../../packages/semel/src/prove/explorer/shrink.ts';
import { storyOf } from '../../packages/semel/src/prove/explorer/story.ts';
import type { FamilyName } from './families.ts';
import { type Replay, replayOf, replayText } from './replay.ts';

/** A promise that was broken, and how to see it again. */
export interface Failure {
  readonly check: string;
  readonly what: string;
  /** Of the shortest schedule that was found. */
  readonly replay: string;
  readonly story: readonly string[];
}

/** What is wrong with a run, each promise once; empty where nothing is. */
export function brokenBy(run: Run): readonly { readonly check: string; readonly what: string }[] {
  if (run.broken !== undefined) return [{ check: 'broken', what: String(run.broken) }];
  const violations = violationsOf(run.history);
  return violations.filter(({ check }, index) => violations.findIndex((other) => other.check === check) === index);
}

/** Shrinks a failing run, and tells its story. */
export async function failureOf(family: FamilyName, from: Replay['from'], run: Run): Promise<Failure> {
  const [first] = brokenBy(run);
  const check = first?.check ?? '';
  const shrunk = await shrink(run, (smaller) => brokenBy(smaller).some((each) => each.check === check));
  const what = brokenBy(shrunk.run).find((each) => each.check === check)?.what ?? '';
  return { check, what, replay: replayText(replayOf(family, from, shrunk.scenario, shrunk.choices)), story: storyOf(shrunk.run.history.entries) };
}

/** A failure for people. */
export function failureText({ check, what, replay, story }: Failure): string {
  const promise = check in CHECKS ? ` (${CHECKS[check as keyof typeof CHECKS]})` : '';
  return [`${check}${promise}: ${what}`, ...story, `again: npm run prove -- --replay '${replay}'`].join('\n');
}
