/** `npm run test:crash -- [--kills 200] [--messages 400] [--seed N] [--keep]`: the crash suite at any size. Exit code 1 where the ledgers differ. */
import { parseArgs } from 'node:util';
import { runCrashScenario, schedule } from './scenario.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    messages: { type: 'string', default: '400' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
process.stdout.write(`crash suite: seed ${seed}\n`);
const report = await runCrashScenario({
  messages: Number(values.messages),
  randomKills: Number(values.kills),
  seed,
  keep: values.keep,
  ...(values.verbose ? { log: (line: string) => process.stdout.write(`  ${line}\n`) } : {}),
});
const missed = schedule()
  .map(({ role, killAt }) => `${role}:${killAt}`)
  .filter((kill) => !report.boundaryKills.includes(kill));
const faults = [...report.faults, ...missed.map((kill) => `boundary ${kill} was never reached`)];
process.stdout.write(`${report.placed} messages, ${report.boundaryKills.length} kills at boundaries, ${report.randomKills} at random, ${report.seconds.toFixed(1)} s\n`);
process.stdout.write(`outside exactly-once: ${report.mailedTwice} mails repeated (at least once), ${report.pingsLost} pings lost (at most once)\n`);
for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
process.stdout.write(`${faults.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed'}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
