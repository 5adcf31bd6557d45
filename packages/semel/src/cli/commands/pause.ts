import type { Command } from 'commander';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { timeValue } from '../option-values.ts';
import { withStore } from '../with-store.ts';

/** `semel pause`: nothing of a consumer is handled, in any process, until it is resumed. */
export function addPause(program: Command, act: Act): void {
  program
    .command('pause')
    .description('keep a consumer from handling anything, in any process; what comes meanwhile waits')
    .argument('<consumer>', 'its name, or that of a route')
    .option('--until <time>', 'no longer than until then (2026-03-01T12:00:00Z)', timeValue)
    .action(
      act<{ readonly until?: Date }, [string]>(async ({ world, options: { until }, args: [consumer], target, print }) => {
        const store = target();
        await withStore(store.existing(), world, (open) => open.registry.pause(consumer, until?.getTime() ?? Number.POSITIVE_INFINITY));
        print({
          json: { store: store.address, consumer, ...(until === undefined ? {} : { pausedUntilMs: until.getTime() }) },
          text: () => `${consumer} is paused until ${until?.toISOString() ?? 'resumed'}\n`,
        });
        return EXIT_CODES.ok;
      }),
    );
}

/** `semel resume`: ends a pause. */
export function addResume(program: Command, act: Act): void {
  program
    .command('resume')
    .description('end the pause of a consumer')
    .argument('<consumer>', 'its name, or that of a route')
    .action(
      act<object, [string]>(async ({ world, args: [consumer], target, print }) => {
        const store = target();
        await withStore(store.existing(), world, (open) => open.registry.resume(consumer));
        print({ json: { store: store.address, consumer }, text: () => `${consumer} goes on\n` });
        return EXIT_CODES.ok;
      }),
    );
}
