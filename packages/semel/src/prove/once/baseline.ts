import { isSemelError, SemelError } from '../../core/errors.ts';
import type { ProofBench } from './bench.ts';
import { siteOf } from './call-site.ts';
import { describeTally, isSame, type Tally } from './tally.ts';
import type { Trace } from './trace.ts';
import { type Findings, Trial, type TrialOptions } from './trial.ts';

/** What the handler does when nothing goes wrong. */
export interface Baseline {
  readonly change: Tally;
  readonly published: Tally;
  /** The same without the first message, which is poison in one of the trials. */
  readonly rest: { readonly change: Tally; readonly published: Tally };
  readonly poison: string;
  /** A run whose `tx` was watched; undefined where the client does not bear to be. */
  readonly watched: Trace | undefined;
}

/** Why nothing can be proven with this handler, or what is wrong with it already. */
export interface Refusal {
  readonly reason: string;
  /** It wrote with another client than `tx`, and waited for what its own transaction held. */
  readonly outside?: { readonly site: string | undefined; readonly story: readonly string[] };
}

const NONE = { change: new Map(), published: new Map() } as const;

/** Handles the messages a few times with nothing going wrong. */
export async function baselineOf<Tx>(bench: ProofBench<Tx>): Promise<Baseline | Refusal> {
  const first = await undisturbed(bench, { only: (_message, index) => index === 0 });
  if ('reason' in first) return first;
  const all = await undisturbed(bench);
  if ('reason' in all)
    return { ...all, reason: `${all.reason}; the first message alone went well before, so this may come of what it left: give \`prepare\`, which empties the tables` };
  const watched = await undisturbed(bench, { watching: true });
  const seen = 'reason' in watched ? await undisturbed(bench) : watched;
  if ('reason' in seen) return seen;
  if (!isSame(all.change, seen.change)) return unstable(all, seen);
  const rest = bench.settings.messages.length === 1 ? NONE : await undisturbed(bench, { only: (_message, index) => index > 0 });
  if ('reason' in rest) return rest;
  return { change: all.change, published: all.published, rest, poison: first.messages[0]?.message.id ?? '', watched: 'reason' in watched ? undefined : watched.trace };
}

async function undisturbed<Tx>(bench: ProofBench<Tx>, options: TrialOptions = {}): Promise<Findings | Refusal> {
  const trial = await Trial.begin(bench, options);
  await trial.handle(trial.broker.all());
  const findings = await trial.findings();
  if (!trial.trace.boundaries.has('begun'))
    throw new SemelError('bad-option', 'proveOnce: the store is open already, for somebody else; give `store: () => …`, which makes one for the proof alone');
  const failed = findings.messages.find((message) => findings.outcomes.get(message)?.kind !== 'done');
  return failed === undefined ? findings : refusalOf(failed.message.id, trial.trace);
}

function refusalOf(id: string, { errors, story }: Trace): Refusal {
  const [error] = errors;
  const site = error instanceof Error ? siteOf(error.stack) : undefined;
  const at = site === undefined ? '' : ` (${site})`;
  if (isLocked(error)) return { reason: `the handler waited for a lock that its own transaction holds${at}`, outside: { site, story } };
  return { reason: `the handler did not get through with ${id}, although nothing went wrong: ${String(error ?? 'no error was told')}${at}` };
}

/** SQLite's own words. Of Semel's `tx` they would come as a SemelError: it was another connection, and the lock that it waited for was the handler's own transaction. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && !isSemelError(error) && /database is locked|SQLITE_BUSY/.test(`${error.message} ${'code' in error ? error.code : ''}`);
}

function unstable(a: Findings, b: Findings): Refusal {
  const what = `${describeTally(a.change)}, then ${describeTally(b.change)}`;
  return {
    reason: `two runs in which nothing went wrong left different effects: ${what}. Give \`prepare\`, which empties the tables, and leave times and numbers of rows out of \`effect\``,
  };
}
