/**
 * `npm run prove -- [--size quick|nightly|release] [--seeds N] [--faults N] [--families a,b] [--stores a,b] [--transports a,b] [--kills N] [--json FILE]`.
 * On a model of the store the engine meets everything that each family of contracts allows: every schedule of two workers and one message, and as many random
 * ones of more. On real stores and transports real processes are killed, stopped, cut off and given wrong clocks at every step, N times each.
 * `--real` leaves the model out, `--only` all cells but those whose names hold a text; `--cells` lists them. `--replay RUN` plays a run of the model again,
 * and tells it; `--mutants all|id,id` lets the explorer find known bugs of the engine. `--with FILE` puts what an earlier run wrote into the JSON, or what
 * `npm run test:sabotage` did. Exit code 1 where a promise is broken, something possible was never tried, or a mutant got away.
 */
import { writeFileSync } from 'node:fs';
import { storyOf } from '../packages/semel/src/prove/explorer/story.ts';
import { explore, type FamilyReport } from './prove/explore.ts';
import { brokenBy } from './prove/failure.ts';
import { engineMutants, hunt } from './prove/hunt.ts';
import { proveReal } from './prove/real/prove-real.ts';
import { parseReplay, playAgain } from './prove/replay.ts';
import { holds, type ProofParts, reportOf } from './prove/report.ts';
import { jsonOf } from './prove/report-json.ts';
import { cellText, familyText, mutantText, realText } from './prove/report-text.ts';
import { type Settings, settingsOf } from './prove/settings.ts';
import { earlierReport, together } from './prove/together.ts';

Error.stackTraceLimit = 0; // of the errors that schedules provoke nobody reads the stack, and it costs more than the rest of a step
const settings = settingsOf(process.argv.slice(2));
if (settings.replay !== undefined) await replay(settings.replay);
else await prove(settings);

async function replay(text: string): Promise<void> {
  const run = await playAgain(parseReplay(text));
  const broken = brokenBy(run);
  for (const line of storyOf(run.history.entries)) console.log(line);
  for (const { check, what } of broken) console.log(`${check}: ${what}`);
  if (broken.length === 0) console.log('every promise is kept');
  process.exitCode = broken.length === 0 ? 0 : 1;
}

async function prove(asked: Settings): Promise<void> {
  const startedMs = performance.now();
  const families = await model(asked);
  const real = families.every(({ failures }) => failures.length === 0) ? await proveReal(asked, (report) => console.log(realText(report))) : [];
  const mutants = asked.mutants === undefined ? [] : hunt(engineMutants(asked.mutants), (mutant) => console.log(mutantText(mutant)));
  const parts: ProofParts = { seed: asked.fromSeed, seconds: Math.round((performance.now() - startedMs) / 100) / 10, families, real, mutants };
  const report = reportOf(parts);
  if (asked.json !== undefined) writeFileSync(asked.json, jsonOf(together([...asked.with.map(earlierReport), report])));
  if (asked.cells) for (const cell of report.cells) console.log(cellText(cell));
  const { exhaustive, random, seconds } = report;
  const faults = real.flatMap(({ cells }) => cells).reduce((sum, { hits }) => sum + hits, 0);
  console.log(
    `${exhaustive.schedules} schedules with up to ${exhaustive.faults} faults, ${random.runs} random runs of ${random.steps} steps, ${faults} faults of real processes · ${seconds} s`,
  );
  process.exitCode = holds(parts) ? 0 : 1;
}

/** Up to the first family that breaks a promise. */
async function model(asked: Settings): Promise<readonly FamilyReport[]> {
  const reports: FamilyReport[] = [];
  for (const family of asked.families) {
    const report = await explore(family, asked);
    console.log(familyText(report));
    reports.push(report);
    if (report.failures.length > 0) break;
  }
  return reports;
}
