import { Command } from 'commander';
import { VERSION } from '../core/version.ts';
import { addDead } from './commands/dead/dead.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addMigrate } from './commands/migrate.ts';
import { addPause, addResume } from './commands/pause.ts';
import { addProve } from './commands/prove.ts';
import { addPrune } from './commands/prune.ts';
import { addRemove } from './commands/remove.ts';
import { addReplay } from './commands/replay.ts';
import { addReplays } from './commands/replays.ts';
import { addStatus } from './commands/status.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';
import { type Act, actsIn } from './invocation.ts';
import { reportError } from './report-error.ts';
import type { World } from './world.ts';

const COMMANDS: readonly ((program: Command, act: Act) => void)[] = [
  addStatus,
  addDead,
  addReplay,
  addReplays,
  addPause,
  addResume,
  addRemove,
  addPrune,
  addMigrate,
  addDoctor,
  addExplain,
  addProve,
];

/**
 * Runs one command line, without the name of the program, and gives its exit code. It never rejects, and uses nothing of the process but
 * its working directory.
 */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODES.ok;
  const program = programFor(world);
  const act = actsIn(world, (code) => {
    exitCode = code;
  });
  for (const add of COMMANDS) add(program, act);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error, world.stderr, program.opts()['debug'] === true);
  }
}

function programFor({ stdout, stderr }: World): Command {
  return new Command('semel')
    .description('Looks after a store of Semel.')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--store <address>', 'the store: a path, sqlite:<path> or postgres://user@host/database?schema=semel; else SEMEL_STORE')
    .option('--json', 'answer with one JSON document')
    .option('--debug', 'print the stack of an error')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'semel: ')),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
}
