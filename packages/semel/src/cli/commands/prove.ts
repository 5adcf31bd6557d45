import { type Command, Option } from 'commander';
import { CONSUMER_BOUNDARIES } from '../../core/lifecycle.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { countValue } from '../option-values.ts';
import type { ProveArguments, ProveOptions } from '../prove/prove-options.ts';

/** `semel prove`: kills processes that run a consumer, and counts the effects. */
export function addProve(program: Command, act: Act): void {
  program
    .command('prove')
    .description(`kill processes that run a consumer, count the effects, and exit ${EXIT_CODES.findings} unless each was made once`)
    .argument('<module>', 'the module that exports `proof`, the options of proveOnce')
    .argument('[consumer]', 'whose proof, where it exports several')
    .addOption(new Option('--kills <count>', `processes to kill, ${CONSUMER_BOUNDARIES.length} or more`).argParser(countValue).default(30))
    .addOption(new Option('--workers <count>', 'processes at once, 2 or more').argParser(countValue).default(3))
    .addOption(new Option('--seed <number>', 'decides what is random; else that of the proof, or 1').argParser(countValue))
    .option('--html <file>', 'write a page with a timeline of each kind of trial')
    .action(
      act<ProveOptions, ProveArguments>(async (invocation) => {
        const { prove } = await import('../prove/prove.ts'); // what no other command needs
        return prove(invocation);
      }),
    );
}
