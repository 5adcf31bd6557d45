/**
 * `npm run test:sabotage -- [--only id,id] [--minutes N] [--json FILE]`: puts known bugs into a copy of the project, one at a time, and expects the
 * tests to find each; as many at once as there are processors, each in a copy of its own. With `--minutes` as many of
 * them as fit, by lot: over a few runs it is all of them. Exit code 1 where one survives, no longer applies, or is no valid program.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { merged } from './sabotage/merged.ts';
import { type Mutant, sabotaged, type Tests } from './sabotage/mutant.ts';
import { MUTANTS } from './sabotage/mutants.ts';
import { runTests } from './sabotage/run-tests.ts';
import { type Verdict, verdictOf } from './sabotage/verdict.ts';
import { Workspace } from './sabotage/workspace.ts';
import { borrow } from './services/borrow.ts';
import { variableOf } from './services/service.ts';

interface Row extends Pick<Mutant, 'id' | 'trap'> {
  readonly verdict: Verdict;
  readonly seconds: number;
}

const { values } = parseArgs({ options: { only: { type: 'string' }, minutes: { type: 'string' }, json: { type: 'string' } } });
const endsAtMs = Date.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
const wanted = chosen(values.only?.split(','));
const mutants = values.minutes === undefined ? wanted : shuffled(wanted);
using copies = new DisposableStack();
const workspaces = Array.from({ length: availableParallelism() }, () => copies.use(new Workspace(join(import.meta.dirname, '..'))));
await using services = await borrow(['postgres']); // once: every run of tests finds it
for (const [name, provision] of services.provisions) if ('url' in provision) process.env[variableOf(name)] = provision.url;
for (const mutant of mutants) sabotaged((workspaces[0] as Workspace).read(mutant.file), mutant);
const startedAtMs = Date.now();
await inTurn(merged(mutants.map(({ tests }) => tests)), requirePassing);
console.log(`without a mutant all tests pass · ${secondsSince(startedAtMs)} s`);

const tried = await inTurn(mutants, async (mutant, workspace) => {
  if (Date.now() >= endsAtMs) return undefined;
  const row = await tryMutant(mutant, workspace);
  console.log(lineOf(row));
  return row;
});
const rows = tried.filter((row) => row !== undefined);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
const caught = rows.filter(({ verdict }) => verdict.kind === 'caught').length;
console.log(`${caught} of ${rows.length} mutants caught${rows.length < mutants.length ? `; there was no time for ${mutants.length - rows.length} more` : ''}`);
process.exitCode = caught === rows.length ? 0 : 1;

function chosen(ids: readonly string[] | undefined): readonly Mutant[] {
  const unknown = ids?.filter((id) => !MUTANTS.some((mutant) => mutant.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`no mutant is called ${unknown.join(', ')}; there are ${MUTANTS.map(({ id }) => id).join(', ')}`);
  return MUTANTS.filter(({ id }) => ids === undefined || ids.includes(id));
}

/** In an order of chance. */
function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, lot: Math.random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ item }) => item);
}

/** Each item in the next workspace that is free. */
async function inTurn<Item, Result>(items: readonly Item[], act: (item: Item, workspace: Workspace) => Promise<Result>): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const work = async (workspace: Workspace) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await act(next[1], workspace);
  };
  await Promise.all(workspaces.map(work));
  return results;
}

/** A test that fails anyway finds nothing. */
async function requirePassing(tests: Tests, workspace: Workspace): Promise<void> {
  const { passed, failures, output } = await runTests(workspace.root, tests, 'intact');
  if (!passed) throw new Error(`the project fails its tests without any mutant: ${failures.length > 0 ? failures.map(({ test }) => test).join(', ') : output}`);
}

async function tryMutant(mutant: Mutant, workspace: Workspace): Promise<Row> {
  const { id, trap, file, tests } = mutant;
  const startedAtMs = Date.now();
  const intact = workspace.read(file);
  workspace.write(file, sabotaged(intact, mutant));
  const verdict = verdictOf(await runTests(workspace.root, tests, 'sabotaged'));
  workspace.write(file, intact);
  return { id, trap, verdict, seconds: secondsSince(startedAtMs) };
}

function lineOf({ id, trap, verdict, seconds }: Row): string {
  const found = verdict.kind === 'caught' ? `caught by ${verdict.by.slice(0, 2).join('; ')}` : verdict.kind === 'survived' ? 'SURVIVED' : `BROKEN: ${verdict.why}`;
  return `${id} · ${trap} · ${found} · ${seconds} s`;
}

function secondsSince(startedAtMs: number): number {
  return Math.round((Date.now() - startedAtMs) / 100) / 10;
}
