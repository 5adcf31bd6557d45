import type { Command } from 'commander';
import { SemelError } from '../../core/errors.ts';
import type { Store, SubscriptionState } from '../../core/store.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Act, Invocation } from '../invocation.ts';
import { counted } from '../output/counted.ts';
import { withStore } from '../with-store.ts';

/** `semel remove`: lets go of a consumer that nobody starts any more, with all that is kept for it. */
export function addRemove(program: Command, act: Act): void {
  program
    .command('remove')
    .description('remove a consumer that is gone for good: its backlog, its records, its dead letters')
    .argument('<consumer>', 'its name, or that of a route')
    .option('--yes', 'really do it')
    .action(act<{ readonly yes?: boolean }, [string]>(remove));
}

async function remove({ world, options, args: [name], target, print }: Invocation<{ readonly yes?: boolean }, [string]>): Promise<ExitCode> {
  const place = target();
  return withStore(place.existing(), world, async (store) => {
    const state = await stateOf(store, name);
    if (!options.yes) throw new SemelError('bad-option', `remove would forget ${name}, ${waitingOf(state)} and its records, for good: add --yes to do it`);
    const removed = await store.registry.leave(name);
    const { backlog, records, deadLetters } = removed;
    print({
      json: { store: place.address, consumer: name, removed },
      text: () => `removed ${name}: ${counted(backlog, 'message')}, ${counted(deadLetters, 'dead letter')}, ${counted(records, 'record')}\n`,
    });
    return EXIT_CODES.ok;
  });
}

async function stateOf({ registry }: Store, name: string): Promise<SubscriptionState> {
  const state = (await registry.list()).find((one) => one.name === name);
  if (state === undefined) throw new SemelError('unknown-consumer', `no consumer or route ${name} has joined this store`);
  return state;
}

function waitingOf({ backlog, deadLetters }: SubscriptionState): string {
  return `${counted(backlog.ready + backlog.inFlight + backlog.retrying + backlog.held, 'message')}, ${counted(deadLetters, 'dead letter')}`;
}
