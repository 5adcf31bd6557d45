/** What a run of the tests came to. */
export interface Tally {
  readonly passed: number;
  /** The names of what failed: tests, and files that could not be loaded. */
  readonly failed: readonly string[];
  /** The names of what was skipped, or is yet to be written. */
  readonly skipped: readonly string[];
}

/** The part of Vitest's JSON report that is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Counts a report of Vitest's JSON reporter. A file that fails without a failing test counts as one failure. */
export function tallyOf(report: VitestReport): Tally {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const names = (...statuses: readonly string[]): readonly string[] => tests.filter(({ status }) => statuses.includes(status)).map(({ fullName }) => fullName);
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'));
  return {
    passed: names('passed').length,
    failed: [...names('failed'), ...broken.map((file) => file.name)],
    skipped: names('skipped', 'pending', 'todo', 'disabled'),
  };
}

/** Makes a failure of every skip but those whose names hold a key of `allowed`, whose values say why: in CI nothing is skipped in silence. */
export function refuseSkips(tally: Tally, allowed: ReadonlyMap<string, string>): Tally {
  const isAllowed = (name: string) => [...allowed.keys()].some((part) => name.includes(part));
  const forbidden = tally.skipped.filter((name) => !isAllowed(name));
  return {
    passed: tally.passed,
    failed: [...tally.failed, ...forbidden.map((name) => `${name} (skipped in CI)`)],
    skipped: tally.skipped.filter(isAllowed),
  };
}

/** The last line of a run, for people and for CI: `12 passed, 0 failed, 1 skipped`. */
export function summaryOf({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed.length} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`;
}
