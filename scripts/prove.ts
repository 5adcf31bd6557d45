/**
 * `npm run prove -- [--size quick|nightly|release] [--seeds N] [--faults N] [--families a,b] [--json FILE]`: the engine on a model of the store, with
 * everything done to it that each family of contracts allows. Every schedule of two workers and one message, and as many random ones of more.
 * `--replay RUN` plays one again, and tells it; `--mutants all|id,id` lets the explorer find known bugs of the engine. Exit code 1 where a promise is broken,
 * something possible was never tried, or a mutant got away.
 */
import { writeFileSync } from 'node:fs';
import { storyOf } from '../packages/semel/src/prove/explorer/story.ts';
import { explore, type FamilyReport } from './prove/explore.ts';
import { brokenBy } from './prove/failure.ts';
import { engineMutants, hunt } from './prove/hunt.ts';
import { parseReplay, playAgain } from './prove/replay.ts';
import { familyText, type HuntedMutant, isVacuous, reportOf } from './prove/report.ts';
import { settingsOf } from './prove/settings.ts';

Error.stackTraceLimit = 0; // of the errors that schedules provoke nobody reads the stack, and it costs more than the rest of a step
const settings = settingsOf(process.argv.slice(2));
if (settings.replay !== undefined) await replay(settings.replay);
else await prove();

async function replay(text: string): Promise<void> {
  const run = await playAgain(parseReplay(text));
  const broken = brokenBy(run);
  for (const line of storyOf(run.history.entries)) console.log(line);
  for (const { check, what } of broken) console.log(`${check}: ${what}`);
  if (broken.length === 0) console.log('every promise is kept');
  process.exitCode = broken.length === 0 ? 0 : 1;
}

async function prove(): Promise<void> {
  const startedMs = performance.now();
  const mutants = settings.mutants === undefined ? [] : hunt(engineMutants(settings.mutants), (mutant) => console.log(mutantText(mutant)));
  const families: FamilyReport[] = [];
  for (const family of settings.mutants === undefined ? settings.families : []) {
    const report = await explore(family, settings);
    console.log(familyText(report));
    families.push(report);
    if (report.failures.length > 0) break;
  }
  const report = reportOf(settings.fromSeed, Math.round((performance.now() - startedMs) / 100) / 10, families, mutants);
  if (settings.json !== undefined) writeFileSync(settings.json, `${JSON.stringify(report, undefined, 2)}\n`);
  const { exhaustive, random, seconds } = report;
  if (families.length > 0)
    console.log(`${exhaustive.schedules} schedules with up to ${exhaustive.faults} faults, ${random.runs} random runs of ${random.steps} steps · ${seconds} s`);
  const holds = families.every((each) => each.failures.length === 0 && each.count.missed.length === 0 && !isVacuous(each));
  process.exitCode = holds && mutants.every(({ caughtBy }) => caughtBy.length > 0) ? 0 : 1;
}

function mutantText({ id, trap, caughtBy, replay: again }: HuntedMutant): string {
  return caughtBy.length === 0 ? `${id} · ${trap} · GOT AWAY` : `${id} · ${trap} · caught by ${caughtBy.join(', ')} · ${again}`;
}
