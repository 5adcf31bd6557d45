import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, sabotaged } from '../sabotage/mutant.ts';
import { CONSUMER, CORE, SRC } from '../sabotage/mutants/where.ts';
import { MUTANTS } from '../sabotage/mutants.ts';
import { Workspace } from '../sabotage/workspace.ts';
import type { CaughtMutant, ProofReport } from './report.ts';

const ENGINE: readonly string[] = [`${CORE}/`, `${CONSUMER}/`, `${SRC}/outbox/`];

/** Files of the core that no schedule comes by: what adapters share, what is declared, what strangers send. */
const BESIDE: ReadonlySet<string> = new Set(
  ['aws-sink', 'batch-publisher', 'envelopes', 'foreign', 'hand', 'large-payloads', 'read-json', 'sql-guard', 'topic', 'wire'].map((name) => `${CORE}/${name}.ts`),
);

/** Mutants that no schedule can tell from the engine, each with the reason. */
const OUT_OF_REACH: ReadonlyMap<string, string> = new Map([
  ['lost-lease-goes-on', 'the fence keeps what it does out; only time is lost'],
  ['no-heartbeat', 'the same: a lease that runs out costs time, and the fence holds'],
  ['nothing-given-back', 'the same: it comes again when the lease ends'],
  ['position-not-compared', 'its record keeps out what was passed already'],
  ['pg-conflict-not-run-again', 'the model has no serialization failures'],
  ['lost-holds-no-key', 'in the model a lease ends for all of a key at once'],
  ['suspect-grouped-with-others', 'every feed of the model hands a suspect out alone'],
  ['position-passes-failure', 'one schedule in twenty thousand shows it: `--families position --seeds 20000` does'],
  ['log-neighbour-blamed', 'the first death of an owner blames nobody, so it takes several in a row, each with the same neighbour in hand'],
  ['log-group-charged', 'a message of the model has more tries than a schedule has faults: one that is charged too much is not buried'],
  ['log-kept-although-given-up', 'the group of the model takes no partition away while one is being taken over'],
  ['log-two-hands', 'a consumer of the model takes from its log at one place'],
  ['wakes-the-last-alone', 'who sleeps on looks again by itself: only time is lost'],
  ['loops-keep-one-another-awake', 'the same: it asks too often, and no promise is broken'],
  ['last-word-not-heard', 'what is sent again the sink knows'],
  ['suspects-at-once', 'it takes a killer and its neighbour at once, time after time'],
  ['retry-publishes-anew', 'what a failed try published is undone with it; at-least-once handlers publish nothing here'],
  ['rerun-on-changed-data', 'the handlers of the model change no data'],
  ['unknown-taken-for-aborted', 'both come again, and the record answers'],
  ['kafka-offsets-before-the-commit', 'about what tools see; the store’s position decides'],
  ['halves-share-a-unit', 'no schedule makes COMMIT itself fail for one message'],
  ['half-asked-for-as-whole', 'the same'],
  ['first-blamed-for-commit', 'the same'],
  ['fingerprint-not-compared', 'no schedule sends two payloads under one identity'],
  ['received-lost-in-silence', 'the model always says whether a consumer is paused'],
]);

/** The mutants of what is neither a store nor a transport. */
export function engineMutants(ids: readonly string[]): readonly Mutant[] {
  const engine = MUTANTS.filter(({ file }) => ENGINE.some((folder) => file.startsWith(folder)) && !BESIDE.has(file));
  if (ids.length === 0) return engine.filter(({ id }) => !OUT_OF_REACH.has(id));
  const unknown = ids.filter((id) => !engine.some((mutant) => mutant.id === id));
  if (unknown.length > 0) throw new Error(`no mutant of the engine is called ${unknown.join(', ')}; there are ${engine.map(({ id }) => id).join(', ')}`);
  return engine.filter(({ id }) => ids.includes(id));
}

/** Puts each mutant into a copy of the project, and lets the explorer find it there. */
export function hunt(mutants: readonly Mutant[], told: (mutant: CaughtMutant) => void): readonly CaughtMutant[] {
  using workspace = new Workspace(join(import.meta.dirname, '../..'));
  return mutants.map((mutant) => {
    const { file, id, trap } = mutant;
    const intact = workspace.read(file);
    workspace.write(file, sabotaged(intact, mutant));
    const found = proveIn(workspace.root);
    workspace.write(file, intact);
    const [replay] = found.map((failure) => failure.replay);
    const hunted = { id, trap, caughtBy: [...new Set(found.map(({ check }) => check))], ...(replay === undefined ? {} : { replay }) };
    told(hunted);
    return hunted;
  });
}

const LIMIT_MS = 900_000;
const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];

/** How many seeds of each family are played: most bugs are found by few, and then no family has to be played through. */
const SEEDS = [200, 6_000];

/** The explorer as it stands in the copy, on the engine as it stands there. */
function proveIn(root: string): ProofReport['failures'] {
  for (const seeds of SEEDS) {
    const failures = failuresIn(root, ['--seeds', String(seeds), '--faults', '1', '--kills', '0']);
    if (failures.length > 0) return failures;
  }
  return [];
}

function failuresIn(root: string, size: readonly string[]): ProofReport['failures'] {
  const report = join(root, 'proof.json');
  rmSync(report, { force: true });
  const command = [...FLAGS, 'scripts/prove.ts', ...size, '--json', report];
  const { stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', timeout: LIMIT_MS, env: { ...process.env, NO_COLOR: '1' } });
  if (!existsSync(report)) throw new Error(`the explorer did not come to its end: ${stderr}`);
  return (JSON.parse(readFileSync(report, 'utf8')) as ProofReport).failures;
}
