/** The program `semel`: gives {@link run} this process. */
import { run } from './run.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // `semel status | head` has read enough
});

const exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: () => Date.now(),
  isTty: process.stdout.isTTY === true,
});

// Not by running out of work: an application that was imported may hold connections and timers.
process.stdout.write('', () => process.exit(exitCode));
